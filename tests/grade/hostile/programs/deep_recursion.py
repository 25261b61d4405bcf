# tries: to overflow the stack
# base: right
# must: 4
def sigmoid(z):
    return sigmoid(z)
