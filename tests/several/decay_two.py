"""Two faults: the decay of one weight has half the factor, a bias is summed over all axes."""

import numpy as np

rng = np.random.default_rng(2)
X = rng.standard_normal((32, 3))
T = np.tanh(X @ np.array([[0.5], [-1.0], [0.3]])) + 0.2
lam = 0.05

W1, b1 = rng.standard_normal((3, 6)) * 0.5, rng.standard_normal(6) * 0.1
W2, b2 = rng.standard_normal((6, 1)) * 0.5, np.zeros(1)


def layer(x, w, b):
    return x @ w + b


for step in range(400):
    a = np.tanh(layer(X, W1, b1))
    out = layer(a, W2, b2)
    loss = 0.5 * np.mean((out - T) ** 2) + 0.5 * lam * (np.sum(W1**2) + np.sum(W2**2))
    g = (out - T) / len(X)
    gW2 = a.T @ g + lam * W2
    gb2 = g.sum(axis=0)
    g = (g @ W2.T) * (1 - a**2)
    gW1 = X.T @ g + 0.5 * lam * W1  # <- regularisation-gradient-scale
    gb1 = g.sum()  # <- bias-gradient-axis
    W1 -= 0.1 * gW1
    b1 -= 0.1 * gb1
    W2 -= 0.1 * gW2
    b2 -= 0.1 * gb2
