import numpy as np

rng = np.random.default_rng(31)
X = rng.uniform(-1, 1, size=(24, 4))
T = (X[:, :1] * X[:, 1:2] > 0).astype(float)

A = rng.normal(size=(4, 6))
a = np.zeros(6)
B = rng.normal(size=(6, 1))
b = np.zeros(1)


def squash(z):
    return 1 / (1 + np.exp(-z))


for sweep in range(200):
    h = squash(X @ A + a)
    y = squash(h @ B + b)
    error = np.mean((y - T) ** 2)
    if sweep % 50 == 0:
        print(sweep, error)
    g2 = 2 * (y - T) / len(X)  # <- loss-delta-mismatch
    g1 = (g2 @ B.T) * h * (1 - h)
    B -= 0.6 * h.T @ g2
    b -= 0.6 * g2.sum(axis=0)
    A -= 0.6 * X.T @ g1
    a -= 0.6 * g1.mean(axis=0)  # <- bias-gradient-scale
