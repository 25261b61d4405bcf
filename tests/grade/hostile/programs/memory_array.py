# tries: to take all memory at once
# base: right
# must: 4
def sigmoid(z):
    return np.ones(10**11).sum() + z
