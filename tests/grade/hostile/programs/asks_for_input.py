# tries: to wait for the keyboard
# base: right
# must: 4
def sigmoid(z):
    return z * float(input())
