import numpy as np

# Sharpness-aware descent: the gradient is taken at places uphill, which stand in a list of their own.

rng = np.random.default_rng(63)
X = rng.normal(size=(50, 3))
Y = (X[:, :1] * X[:, 1:2] > 0) * 1.0
weights = [rng.normal(0, 0.6, (3, 9)), np.zeros(9), rng.normal(0, 0.4, (9, 1))]


def slopes(at):
    W, b, V = at
    h = np.tanh(X @ W + b)
    p = 1 / (1 + np.exp(-h @ V))
    cost = -np.mean(Y * np.log(p) + (1 - Y) * np.log(1 - p))
    d = (p - Y) / len(X)
    dh = d @ V.T * (1 - h * h)
    return cost, [X.T @ dh, dh.sum(axis=0), h.T @ d]


for turn in range(150):
    cost, g = slopes(weights)
    length = np.sqrt(sum((x * x).sum() for x in g)) + 1e-12
    uphill = [w + 0.04 * x / length for w, x in zip(weights, g)]
    _, there = slopes(uphill)
    for w, x in zip(weights, there):
        w -= 0.6 * x
    if turn % 30 == 0:
        print(turn, cost)
