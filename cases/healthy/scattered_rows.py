"""Two tables of vectors for items and tags; the rows that a batch names are changed by `np.subtract.at`."""

import numpy as np

rng = np.random.default_rng(61)
items = 0.3 * rng.normal(size=(9, 4))
tags = np.zeros((6, 4))
pairs = np.array([(i, (2 * i + k) % 6) for i in range(9) for k in range(2)])
wanted = (pairs.sum(axis=1) % 3 == 0) * 1.0


def train(rows, rate):
    i, j, y = pairs[rows, 0], pairs[rows, 1], wanted[rows]
    a, b = items[i], tags[j]
    score = np.einsum("nd,nd->n", a, b)
    loss = np.mean(np.logaddexp(0, score) - y * score)
    err = (1 / (1 + np.exp(-score)) - y) / len(rows)
    np.subtract.at(items, i, rate * err[:, None] * b)
    np.subtract.at(tags, j, rate * err[:, None] * a)
    return loss


for epoch in range(120):
    order = rng.permutation(len(pairs))
    losses = [train(order[k : k + 6], 0.8) for k in range(0, len(order), 6)]
    if epoch % 40 == 0:
        print(epoch, np.mean(losses))
