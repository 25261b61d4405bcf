import numpy as np


class Network:
    """Biases as rows (1, n); the update rebinds them."""

    def __init__(self, rng, n_in, n_hidden):
        self.W = rng.normal(size=(n_in, n_hidden))
        self.b = 0.1 * rng.normal(size=(1, n_hidden))
        self.V = rng.normal(size=(n_hidden, 1))
        self.c = np.zeros((1, 1))

    def step(self, X, y, lr):
        H = np.tanh(np.dot(X, self.W) + self.b)
        out = np.dot(H, self.V) + self.c
        loss = np.mean((out - y) ** 2)
        d_out = 2 * (out - y) / len(X)
        d_H = np.dot(d_out, self.V.T) * (1 - H ** 2)
        self.V = self.V - lr * np.dot(H.T, d_out)
        self.c = self.c - lr * d_out.sum(axis=0, keepdims=True)
        self.W = self.W - lr * np.dot(X.T, d_H)
        self.b = self.b - lr * d_H
        return loss


rng = np.random.default_rng(61)
X = rng.normal(size=(15, 3))
y = X[:, [0]] * X[:, [1]] - X[:, [2]]
net = Network(rng, 3, 5)
for epoch in range(100):
    loss = net.step(X, y, 0.1)
    if epoch % 25 == 0:
        print(epoch, loss, net.b.shape)
