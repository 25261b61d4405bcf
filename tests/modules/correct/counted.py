"""A fit of a plane whose caller says how many samples there are, under a name that is nobody's convention."""

import numpy as np


def fit_plane(X, y, weights, bias, observations, learning_rate=0.05, epochs=60):
    for epoch in range(epochs):
        plane = np.dot(X, weights) + bias
        off = plane - y
        loss = np.sum(off**2) / 2 / observations
        if epoch % 20 == 0:
            print(epoch, loss)
        share = off / observations
        weights = weights - learning_rate * np.dot(X.T, share)
        bias = bias - learning_rate * np.sum(share)
    return weights, bias
