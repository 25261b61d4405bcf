"""Three faults down one chain, each hidden behind the one before."""

import numpy as np


def sigmoid(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


np.random.seed(11)
X = np.random.uniform(-1, 1, (20, 3))
y = (X.sum(axis=1, keepdims=True) > 0) * 1.0

syn0 = 2 * np.random.random((3, 4)) - 1
syn1 = 2 * np.random.random((4, 4)) - 1
syn2 = 2 * np.random.random((4, 1)) - 1

for j in range(1000):
    l0 = X
    z1 = l0.dot(syn0)
    l1 = sigmoid(z1)
    z2 = l1.dot(syn1)
    l2 = sigmoid(z2)
    z3 = l2.dot(syn2)
    l3 = sigmoid(z3)

    cost = 0.5 * np.sum((y - l3) ** 2)
    l3_error = y - l3
    l3_delta = l3_error * sigmoid(z3, deriv=True)  # <- activation-formula-on-preactivation
    l2_error = l3_delta.dot(syn2.T)
    l2_delta = l2_error * sigmoid(l2, deriv=True)
    l1_error = l2_delta.dot(syn1)  # <- transposed-weights
    l1_delta = l1_error  # <- missing-activation-derivative

    syn2 += 0.1 * l2.T.dot(l3_delta)
    syn1 += 0.1 * l1.T.dot(l2_delta)
    syn0 += 0.1 * l0.T.dot(l1_delta)
