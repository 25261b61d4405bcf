"""Two faults in column layout: a bias gradient not averaged, and weights from the wrong layer."""

import numpy as np

np.random.seed(3)
m = 25
A0 = np.random.randn(4, m)
Y = (A0[0:1] * A0[1:2] > 0) * 1.0

W1, b1 = np.random.randn(6, 4) * 0.4, np.zeros((6, 1))
W2, b2 = np.random.randn(6, 6) * 0.4, np.zeros((6, 1))
W3, b3 = np.random.randn(1, 6) * 0.4, np.zeros((1, 1))
alpha = 0.1

for i in range(400):
    A1 = np.tanh(W1 @ A0 + b1)
    A2 = np.tanh(W2 @ A1 + b2)
    A3 = 1 / (1 + np.exp(-(W3 @ A2 + b3)))
    cost = -np.sum(Y * np.log(A3) + (1 - Y) * np.log(1 - A3)) / m

    dZ3 = A3 - Y
    dW3 = dZ3 @ A2.T / m
    db3 = np.sum(dZ3, axis=1, keepdims=True)  # <- bias-gradient-scale
    dZ2 = (W3.T @ dZ3) * (1 - A2**2)
    dW2 = dZ2 @ A1.T / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = (W2 @ dZ2) * (1 - A1**2)  # <- transposed-weights
    dW1 = dZ1 @ A0.T / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m

    W1 -= alpha * dW1
    b1 -= alpha * db1
    W2 -= alpha * dW2
    b2 -= alpha * db2
    W3 -= alpha * dW3
    b3 -= alpha * db3
