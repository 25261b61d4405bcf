"""A 784-100-10 network on random digits, batches of 64, that notes when each step begins."""

from time import perf_counter

import numpy as np

STEPS = 60
rng = np.random.default_rng(0)
X = rng.random((64 * 8, 784))
labels = rng.integers(0, 10, size=len(X))
W1, b1 = rng.normal(size=(784, 100)) * 0.05, np.zeros(100)
W2, b2 = rng.normal(size=(100, 10)) * 0.1, np.zeros(10)
times = []

for step in range(STEPS):
    times.append(perf_counter())
    start = 64 * (step % 8)
    x, y = X[start : start + 64], np.eye(10)[labels[start : start + 64]]
    h = np.maximum(0, x @ W1 + b1)
    z = h @ W2 + b2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.mean(np.sum(y * np.log(p), axis=1))
    dz = (p - y) / len(x)
    dh = dz @ W2.T
    dh[h <= 0] = 0
    W2 -= 0.1 * h.T @ dz
    b2 -= 0.1 * dz.sum(axis=0)
    W1 -= 0.1 * x.T @ dh
    b1 -= 0.1 * dh.sum(axis=0)
