"""A function that trains on data of its own, and one whose data are not here."""

import numpy as np


def squash(z):
    return 1 / (1 + np.exp(-z))


def train_parity(width=5, rate=0.5, rounds=2000, seed=3):
    rng = np.random.default_rng(seed)
    X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 0], [1, 1, 1], [1, 1, 0]], dtype=float)
    t = X.sum(axis=1, keepdims=True) % 2
    n = len(X)
    W, b = rng.normal(size=(3, width)), np.zeros((1, width))
    V, c = rng.normal(size=(width, 1)), np.zeros((1, 1))
    losses = []
    for _ in range(rounds):
        h = np.tanh(X @ W + b)
        y = squash(h @ V + c)
        losses.append(-np.mean(t * np.log(y) + (1 - t) * np.log(1 - y)))
        d = (y - t) / n
        dh = d @ V.T * (1 - h**2)
        V -= rate * h.T @ d
        c -= rate * d.sum(axis=0, keepdims=True)
        W -= rate * X.T @ dh
        b -= rate * dh.sum(axis=0, keepdims=True)
    return W, b, V, c, losses


def train_on_points(path="points_that_are_not_here.csv", rate=0.1):
    points = np.loadtxt(path, delimiter=",")
    w = np.zeros(points.shape[1] - 1)
    for row in points:
        w -= rate * (row[:-1] @ w - row[-1]) * row[:-1]
    return w
