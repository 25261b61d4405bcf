# tries: to be lost inside one big power
# base: right
# must: 4
def sigmoid(z):
    return z * (7 ** 7 ** 10)
