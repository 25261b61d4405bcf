# tries: a forward that does nothing, differentiated rightly
# base: none
# must: 0
def sigmoid(z):
    return z


def sigmoid_slope(z):
    return 0 * z + 1


def dense_forward(x, W, b):
    return x[:, :3], None


def dense_backward(dout, cache):
    return 0, 0, 0
