"""Two faults in a class: a square weight gradient transposed, and a derivative of the wrong value."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


class Network:
    def __init__(self, seed):
        r = np.random.RandomState(seed)
        self.W1 = r.randn(5, 5) * 0.6
        self.W2 = r.randn(5, 5) * 0.6
        self.W3 = r.randn(5, 2) * 0.6

    def forward(self, X):
        self.X = X
        self.z1 = X.dot(self.W1)
        self.a1 = sigmoid(self.z1)
        self.z2 = self.a1.dot(self.W2)
        self.a2 = sigmoid(self.z2)
        self.z3 = self.a2.dot(self.W3)
        return sigmoid(self.z3)

    def backward(self, out, Y):
        n = len(Y)
        delta3 = (out - Y) / n
        self.dW3 = self.a2.T.dot(delta3)
        delta2 = delta3.dot(self.W3.T) * sigmoid_prime(self.z2)
        self.dW2 = delta2.T.dot(self.a1)  # <- transposed-gradient
        delta1 = delta2.dot(self.W2.T) * sigmoid_prime(self.a1)  # <- double-activation-derivative
        self.dW1 = self.X.T.dot(delta1)

    def update(self, rate):
        self.W1 -= rate * self.dW1
        self.W2 -= rate * self.dW2
        self.W3 -= rate * self.dW3


r = np.random.RandomState(0)
X = r.randn(40, 5)
Y = np.stack([X[:, 0] > 0, X[:, 1] * X[:, 2] > 0], axis=1).astype(float)
net = Network(1)
for i in range(500):
    out = net.forward(X)
    cost = -np.sum(Y * np.log(out) + (1 - Y) * np.log(1 - out)) / len(Y)
    net.backward(out, Y)
    net.update(0.3)
    if i % 100 == 0:
        print(i, cost)
