import numpy as np


class XorNet:
    """XOR, tanh hidden units and a logistic output."""

    def __init__(self, hidden, seed):
        rng = np.random.RandomState(seed)
        self.v = rng.randn(2, hidden)
        self.w = rng.randn(hidden, 1)

    def output(self, X):
        self.hidden = np.tanh(np.dot(X, self.v))
        self.out = 1 / (1 + np.exp(-np.dot(self.hidden, self.w)))
        return self.out

    def train(self, X, y, rate):
        out = self.output(X)
        loss = -np.mean(y * np.log(out) + (1 - y) * np.log(1 - out))
        delta = (out - y) / len(X)
        delta_hidden = np.dot(delta, self.w.T) * (1 - self.hidden ** 2)
        self.w -= rate * np.dot(self.hidden.T, delta)
        self.v -= rate * np.dot(X.T, delta_hidden)
        return loss


X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
y = np.array([[0], [1], [1], [0]], dtype=float)
net = XorNet(hidden=5, seed=11)
for n in range(600):
    loss = net.train(X, y, 0.2)
    if n % 200 == 0:
        print("epoch", n, "loss", round(loss, 4))
for row, p in zip(X, net.output(X)):
    print(row, "->", round(p[0], 4))
