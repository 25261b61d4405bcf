"""Write the functions below; keep their names and arguments."""


def sigmoid(z):
    raise NotImplementedError


def sigmoid_slope(a):
    raise NotImplementedError


def mse(prediction, target):
    raise NotImplementedError


def mse_slope(prediction, target):
    raise NotImplementedError


def dense_forward(x, W, b):
    raise NotImplementedError


def dense_backward(dout, cache):
    raise NotImplementedError


def loss_and_gradients(params, X, y):
    raise NotImplementedError


def train(X, y):
    raise NotImplementedError


def predict(params, X):
    raise NotImplementedError
