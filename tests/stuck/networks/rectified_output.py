import numpy as np

# the output is rectified too, and begins below zero
rng = np.random.default_rng(16)
X = rng.normal(size=(20, 2))
t = (X[:, :1] > X[:, 1:]).astype(float)
W1, b1 = rng.normal(size=(2, 5)), np.zeros(5)
W2, b2 = -np.abs(rng.normal(size=(5, 1))), np.zeros(1)


def relu(z):
    return np.maximum(0, z)


for epoch in range(300):
    h = relu(X @ W1 + b1)
    z = h @ W2 + b2
    p = relu(z)  # <- output-activation
    loss = np.mean((p - t) ** 2)
    d2 = 2 * (p - t) / len(X) * (z > 0)
    d1 = d2 @ W2.T * (h > 0)
    W2 -= 0.1 * h.T @ d2
    b2 -= 0.1 * d2.sum(axis=0)
    W1 -= 0.1 * X.T @ d1
    b1 -= 0.1 * d1.sum(axis=0)
print(loss)
