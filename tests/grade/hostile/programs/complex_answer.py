# tries: to answer with complex numbers
# base: right
# must: 4
def sigmoid(z):
    return 1 / (1 + np.exp(-z)) + 0j
