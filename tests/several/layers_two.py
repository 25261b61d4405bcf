"""Two faults in layer objects: the mean for the sum in every bias, the ReLU itself for its derivative."""

import numpy as np


class Dense:
    def __init__(self, n, m, rng):
        self.W = rng.normal(0, 0.5, (n, m))
        self.b = np.zeros((1, m))

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, g):
        self.dW = self.x.T @ g
        self.db = g.mean(axis=0, keepdims=True)  # <- bias-gradient-scale
        return g @ self.W.T


class Relu:
    def forward(self, x):
        self.out = np.maximum(x, 0)
        return self.out

    def backward(self, g):
        return g * self.out  # <- wrong-activation-derivative


rng = np.random.default_rng(8)
X = rng.normal(size=(24, 3))
Y = np.abs(X[:, :1]) - X[:, 1:2]
layers = [Dense(3, 10, rng), Relu(), Dense(10, 1, rng)]
for epoch in range(200):
    h = X
    for layer in layers:
        h = layer.forward(h)
    loss = ((h - Y) ** 2).sum() / len(X)
    g = 2 * (h - Y) / len(X)
    for layer in reversed(layers):
        g = layer.backward(g)
    for layer in layers:
        if isinstance(layer, Dense):
            layer.W -= 0.05 * layer.dW
            layer.b -= 0.05 * layer.db
