import numpy as np

# XOR with rectified units that all begin far below zero
rng = np.random.default_rng(7)
X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
t = np.array([[0.0], [1.0], [1.0], [0.0]])
W1, b1 = rng.normal(size=(2, 6)), -8.0 * np.ones(6)
W2, b2 = rng.normal(size=(6, 1)), np.zeros(1)
for epoch in range(500):
    z = X @ W1 + b1
    h = np.where(z > 0, z, 0)  # <- dead-relu
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    g2 = (p - t) / 4
    g1 = (g2 @ W2.T) * (z > 0)
    W2 -= 0.2 * h.T @ g2
    b2 -= 0.2 * g2.sum(axis=0)
    W1 -= 0.2 * X.T @ g1
    b1 -= 0.2 * g1.sum(axis=0)
print(loss, p.ravel())
