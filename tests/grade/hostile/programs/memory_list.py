# tries: to take all memory, a list at a time
# base: right
# must: 4
def sigmoid(z):
    hoard = []
    while True:
        hoard.append([0] * 10**6)
