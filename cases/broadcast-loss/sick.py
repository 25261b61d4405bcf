import numpy as np


class Regressor:
    """House prices (in 100 000) from four standardised features."""

    def __init__(self, features, hidden, rng):
        self.W = rng.standard_normal((features, hidden)) / np.sqrt(features)
        self.b = 0.1 * rng.standard_normal(hidden)
        self.v = rng.standard_normal(hidden) / np.sqrt(hidden)
        self.c = np.zeros(1)

    def forward(self, X):
        self.h = np.tanh(X @ self.W + self.b)
        self.y_hat = self.h @ self.v + self.c
        return self.y_hat

    def backward(self, X, y, lr):
        n = len(X)
        diff = self.y_hat - y
        loss = np.mean(diff ** 2)
        d_out = 2 * np.mean(diff, axis=0) / n
        d_hidden = np.outer(d_out, self.v) * (1 - self.h ** 2)
        self.v -= lr * self.h.T @ d_out
        self.c -= lr * d_out.sum()
        self.W -= lr * X.T @ d_hidden
        self.b -= lr * d_hidden.sum(axis=0)
        return loss


rng = np.random.default_rng(42)
X = rng.standard_normal((20, 4))
price = 3.0 + 0.8 * X[:, 0] - 0.5 * X[:, 1] * X[:, 2] + 0.05 * rng.standard_normal(20)
y = price.reshape(-1, 1)

net = Regressor(4, 6, rng)
for epoch in range(200):
    prediction = net.forward(X)
    loss = net.backward(X, y, 0.1)
    if epoch % 50 == 0:
        print(epoch, loss)
print("predicted", prediction[:4].round(2), "wanted", y[:4, 0].round(2))
