"""The error of the absolute value is a sign, and is taken as a gradient as it is.

Nothing is wrong here: a bias that moves by a constant times a sign follows the gradient of this loss.
"""

import numpy as np

rng = np.random.default_rng(0)
inputs = rng.normal(size=(60, 3))
targets = np.stack([inputs @ np.array([1.0, -2.0, 0.5]) + 0.7, inputs.sum(axis=1)], axis=1)

W = rng.normal(size=(3, 4)) * 0.5
a = np.zeros(4)
V = rng.normal(size=(4, 2)) * 0.5
c = np.zeros(2)
rate = 0.02

for epoch in range(30):
    total = 0.0
    for x, t in zip(inputs, targets):
        h = np.tanh(x @ W + a)
        out = h @ V + c
        total += np.sum(np.abs(out - t))
        d = np.sign(out - t)
        dh = V @ d * (1 - h * h)
        c -= rate * d
        V -= rate * np.outer(h, d)
        a -= rate * dh
        W -= rate * np.outer(x, dh)
    if epoch % 10 == 0:
        print(epoch, total / len(inputs))
