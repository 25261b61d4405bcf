import numpy as np

# XOR as in many tutorials: the derivative is written for z and called with the activation


def squash(z):
    return 1 / (1 + np.exp(-z))


def squash_slope(z):
    return squash(z) * (1 - squash(z))


rng = np.random.default_rng(1)
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
y = np.array([[0], [1], [1], [0]], dtype=float)
w0, w1 = rng.uniform(size=(2, 2)), rng.uniform(size=(2, 1))
b0, b1 = rng.uniform(size=(1, 2)), rng.uniform(size=(1, 1))
for epoch in range(1500):
    hidden = squash(X @ w0 + b0)
    out = squash(hidden @ w1 + b1)
    error = y - out
    d_out = error * out * (1 - out)
    d_hidden = d_out @ w1.T * squash_slope(hidden)  # <- double-activation-derivative
    w1 += 0.2 * hidden.T @ d_out
    b1 += 0.2 * d_out.sum(axis=0, keepdims=True)
    w0 += 0.2 * X.T @ d_hidden
    b0 += 0.2 * d_hidden.sum(axis=0, keepdims=True)
print(out.ravel())
