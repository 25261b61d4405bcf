# tries: to answer infinity
# base: right
# must: 4
def sigmoid(z):
    return z + np.inf
