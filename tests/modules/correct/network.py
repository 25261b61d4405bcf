"""A network as a class with a fit method; nobody calls it here."""

import numpy as np


class NeuralNetwork:
    def __init__(self, n_input, n_hidden, n_output, learning_rate=0.1):
        self.lr = learning_rate
        self.W1 = np.random.randn(n_input, n_hidden)
        self.b1 = np.zeros((1, n_hidden))
        self.W2 = np.random.randn(n_hidden, n_output)
        self.b2 = np.zeros((1, n_output))

    def sigmoid(self, z):
        return 1 / (1 + np.exp(-z))

    def forward(self, X):
        self.a1 = self.sigmoid(X @ self.W1 + self.b1)
        self.a2 = self.sigmoid(self.a1 @ self.W2 + self.b2)
        return self.a2

    def fit(self, X, y, epochs=5000):
        for epoch in range(epochs):
            out = self.forward(X)
            delta2 = (out - y) * out * (1 - out)
            delta1 = (delta2 @ self.W2.T) * self.a1 * (1 - self.a1)
            self.W2 -= self.lr * self.a1.T @ delta2
            self.b2 -= self.lr * delta2.sum(axis=0, keepdims=True)
            self.W1 -= self.lr * X.T @ delta1
            self.b1 -= self.lr * delta1.sum(axis=0, keepdims=True)

    def predict(self, X):
        return (self.forward(X) > 0.5).astype(int)
