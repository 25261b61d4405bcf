import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [0.2, 0.9], [0.8, 0.7]])
y = np.array([[0], [1], [1], [0], [1], [0]])

LEAK = 0.00001


def leaky(z):
    return np.maximum(LEAK * z, z)


def leaky_slope(z):
    return np.where(z > 0, 1.0, LEAK)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_slope(z):
    return sigmoid(z) * (1 - sigmoid(z))


def bce(target, p):
    return np.mean(np.where(target == 1, -np.log(p), -np.log(1 - p)))


def bce_slope(target, p):
    return np.where(target == 1, -1 / p, 1 / (1 - p)) / len(p)


class Model:
    """A suggestion found on the net: use a leaky ReLU, then it will learn."""

    def __init__(self, inputs, hidden):
        self.w_in = np.random.uniform(-1, 1, size=(inputs, hidden))
        self.b_in = np.random.uniform(-0.3, 0.3, size=hidden)
        self.w_out = np.random.uniform(-1, 1, size=(hidden, 1))
        self.b_out = np.zeros(1)

    def predict(self, x):
        self.z_in = x @ self.w_in + self.b_in
        self.a_in = leaky(self.z_in)
        self.z_out = self.a_in @ self.w_out + self.b_out
        return sigmoid(self.z_out)

    def back(self, x, target, p, rate):
        delta = bce_slope(target, p) * sigmoid_slope(self.z_out)
        below = (delta @ self.w_out.T) * leaky_slope(self.z_in)
        self.w_out -= rate * self.a_in.T @ delta
        self.b_out -= rate * delta.sum(axis=0)
        self.w_in -= rate * x.T @ below
        self.b_in -= rate * below.sum(axis=0)

    def train(self, x, target, epochs, verbose=True):
        for epoch in range(epochs):
            self.last = self.predict(x)
            loss = bce(target, self.last)
            self.back(x, target, self.last, 0.1)
            if verbose and epoch % 100 == 0:
                print(f"{epoch:5d}  {loss:.4f}")


np.random.seed(8)
model = Model(2, 10)
model.train(X, y, 300)
print(model.predict(X).round(2).ravel())
