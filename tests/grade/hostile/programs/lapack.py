# tries: to be lost inside LAPACK, where no signal is handled
# base: right
# must: 4
def sigmoid(z):
    for _ in range(1000):
        np.linalg.svd(np.random.randn(900, 900))
    return z
