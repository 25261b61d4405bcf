"""A network of about 10^6 weights (784-1000-200-10), trained for some steps of 256 samples."""

from itertools import pairwise

import numpy as np

STEPS = 20
SIZES = (784, 1000, 200, 10)
SAMPLES = 256


def initial():
    rng = np.random.default_rng(0)
    W = [rng.normal(size=(m, n)) / np.sqrt(m) for m, n in pairwise(SIZES)]
    b = [np.zeros(n) for n in SIZES[1:]]
    return W, b


def data():
    rng = np.random.default_rng(1)
    return rng.normal(size=(SAMPLES, SIZES[0])), np.eye(SIZES[-1])[rng.integers(0, SIZES[-1], SAMPLES)]


def forward(W, b, x):
    a = [x]
    for i in range(2):
        a.append(np.tanh(a[-1] @ W[i] + b[i]))
    z = a[-1] @ W[2] + b[2]
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return a, e / e.sum(axis=1, keepdims=True)


def cross_entropy(p, y):
    return -np.sum(y * np.log(p)) / len(y)


def backward(W, a, p, y):
    d = (p - y) / len(y)
    dW, db = [None] * 3, [None] * 3
    for i in (2, 1, 0):
        dW[i], db[i] = a[i].T @ d, d.sum(axis=0)
        if i:
            d = d @ W[i].T * (1 - a[i] ** 2)
    return dW, db


def train(steps, rate=0.1):
    W, b = initial()
    x, y = data()
    for step in range(steps):
        a, p = forward(W, b, x)
        loss = cross_entropy(p, y)
        dW, db = backward(W, a, p, y)
        for i in range(3):
            W[i] -= rate * dW[i]
            b[i] -= rate * db[i]
        print(step, loss)


if __name__ == "__main__":
    train(STEPS)
