# tries: to run for ever
# base: right
# must: 4
def sigmoid(z):
    while True:
        pass
