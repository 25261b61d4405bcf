import numpy as np

# even or odd grey level, from raw pixels and logistic units
rng = np.random.default_rng(10)
pixels = rng.integers(0, 256, size=(40, 9)).astype(float)  # <- unscaled-inputs
bright = (pixels[:, 4:5] > 128).astype(float)
W1, b1 = rng.normal(size=(9, 5)), np.zeros(5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)


def logistic(s):
    return 1 / (1 + np.exp(-np.clip(s, -60, 60)))


for epoch in range(300):
    h = logistic(pixels @ W1 + b1)
    p = logistic(h @ W2 + b2)
    loss = np.mean((p - bright) ** 2)
    e2 = 2 * (p - bright) / len(pixels) * p * (1 - p)
    e1 = e2 @ W2.T * h * (1 - h)
    W2 -= 0.3 * h.T @ e2
    b2 -= 0.3 * e2.sum(axis=0)
    W1 -= 0.3 * pixels.T @ e1
    b1 -= 0.3 * e1.sum(axis=0)
print(loss)
