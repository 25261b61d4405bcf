# tries: to answer with more than can be carried
# base: right
# must: 4
def sigmoid(z):
    return np.zeros((3000, 3000)) + z[0, 0]
