"""A network whose forward, backward and update are called by somebody else."""

import numpy as np


class MLP:
    def __init__(self, layer_sizes):
        self.W = [np.random.randn(m, n) for n, m in zip(layer_sizes[:-1], layer_sizes[1:])]
        self.b = [np.zeros((m, 1)) for m in layer_sizes[1:]]

    def forward(self, x):
        self.a = [x]
        for W, b in zip(self.W, self.b):
            self.a.append(np.tanh(W @ self.a[-1] + b))
        return self.a[-1]

    def backward(self, y):
        n = y.shape[1]
        delta = (self.a[-1] - y) * (1 - self.a[-1] ** 2)
        self.dW, self.db = [], []
        for i in reversed(range(len(self.W))):
            self.dW.insert(0, delta @ self.a[i].T / n)
            self.db.insert(0, delta.sum(axis=1, keepdims=True) / n)
            delta = (self.W[i].T @ delta) * (1 - self.a[i] ** 2)

    def update(self, lr):
        for i in range(len(self.W)):
            self.W[i] -= lr * self.dW[i]
            self.b[i] -= lr * self.db[i]
