import numpy as np

# XOR; the activation of the hidden layer was forgotten
rng = np.random.default_rng(13)
X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
t = np.array([[0.0], [1.0], [1.0], [0.0]])
W1, b1, W2, b2 = rng.normal(size=(2, 4)), np.zeros(4), rng.normal(size=(4, 1)), np.zeros(1)
for epoch in range(1000):
    h = X @ W1 + b1  # <- no-nonlinearity
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = np.mean((p - t) ** 2)
    d2 = 2 * (p - t) / 4 * p * (1 - p)
    d1 = d2 @ W2.T
    W2 -= 0.5 * h.T @ d2
    b2 -= 0.5 * d2.sum(axis=0)
    W1 -= 0.5 * X.T @ d1
    b1 -= 0.5 * d1.sum(axis=0)
print(loss, p.ravel())
