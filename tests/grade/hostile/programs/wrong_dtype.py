# tries: to answer with objects
# base: right
# must: 4
def sigmoid(z):
    return (1 / (1 + np.exp(-z))).astype(object)
