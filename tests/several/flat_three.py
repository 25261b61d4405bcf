"""Three faults: a derivative left out, a bias summed over units, a sign."""

import numpy as np

rng = np.random.default_rng(4)
X = rng.normal(size=(30, 4))
y = np.sin(X[:, :1]) + 0.5 * X[:, 1:2]

W1 = rng.normal(size=(4, 6)) * 0.5
b1 = rng.normal(size=(1, 6)) * 0.1
W2 = rng.normal(size=(6, 5)) * 0.5
b2 = rng.normal(size=(1, 5)) * 0.1
W3 = rng.normal(size=(5, 1)) * 0.5
b3 = np.zeros((1, 1))
rate = 0.05

for epoch in range(300):
    h1 = np.tanh(X @ W1 + b1)
    h2 = np.tanh(h1 @ W2 + b2)
    out = h2 @ W3 + b3
    loss = np.mean((out - y) ** 2)

    d_out = 2 * (out - y) / len(X)
    d2 = d_out @ W3.T * (1 - h2**2)
    d1 = d2 @ W2.T  # <- missing-activation-derivative

    dW3, db3 = h2.T @ d_out, d_out.sum(axis=0, keepdims=True)
    dW2 = h1.T @ d2
    db2 = d2.mean(axis=0, keepdims=True)  # <- bias-gradient-scale
    dW1, db1 = X.T @ d1, d1.sum(axis=0, keepdims=True)

    W3 -= rate * dW3
    b3 += rate * db3  # <- gradient-ascent
    W2 -= rate * dW2
    b2 -= rate * db2
    W1 -= rate * dW1
    b1 -= rate * db1
