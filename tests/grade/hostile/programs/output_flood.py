# tries: to drown the grader in text
# base: right
# must: 4
def sigmoid(z):
    while True:
        print('x' * 10_000)
