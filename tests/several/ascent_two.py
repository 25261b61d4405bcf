import numpy as np

rng = np.random.default_rng(17)
X = rng.normal(size=(4, 32))
T = np.tanh(X[:1] - X[1:2] * X[2:3])

layers = [rng.normal(size=(6, 4)) * 0.5, np.zeros((6, 1)), rng.normal(size=(1, 6)) * 0.5, np.zeros((1, 1))]


def run(x):
    z = layers[0] @ x + layers[1]
    return z, np.tanh(z), layers[2] @ np.tanh(z) + layers[3]


for turn in range(120):
    z, h, y = run(X)
    cost = 0.5 * np.mean((y - T) ** 2)
    top = (y - T) / X.shape[1]
    low = layers[2].T @ top * (1 - z ** 2)  # <- activation-formula-on-preactivation
    layers[0] += 0.2 * low @ X.T  # <- gradient-ascent
    layers[1] -= 0.2 * low.sum(axis=1, keepdims=True)
    layers[2] -= 0.2 * top @ h.T
    layers[3] -= 0.2 * top.sum(axis=1, keepdims=True)
