import numpy as np


def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


# which of two sensors fired first, coded on three lines
X = np.array([
    [0, 0, 1],
    [0, 1, 0],
    [0, 1, 1],
    [1, 0, 0],
    [1, 0, 1],
    [1, 1, 0],
    [1, 1, 1],
    [0, 0, 0],
], dtype=float)
y = np.array([[0, 1, 1, 0, 1, 0, 0, 1]], dtype=float).T

np.random.seed(1)
syn0 = 2 * np.random.random((3, 5)) - 1
b0 = 2 * np.random.random(5) - 1
syn1 = 2 * np.random.random((5, 1)) - 1
b1 = np.zeros(1)

for j in range(500):
    l0 = X
    s1 = np.dot(l0, syn0) + b0
    l1 = nonlin(s1)
    l2 = nonlin(np.dot(l1, syn1) + b1)

    l2_error = y - l2
    if j % 100 == 0:
        print("Error: " + str(np.mean(np.abs(l2_error))))

    l2_delta = l2_error * nonlin(l2, deriv=True)
    l1_error = l2_delta.dot(syn1.T)
    l1_delta = l1_error * nonlin(l1, deriv=True)

    syn1 += s1.T.dot(l2_delta)
    b1 += l2_delta.sum(axis=0)
    syn0 += l0.T.dot(l1_delta)
    b0 += l1_delta.sum(axis=0)

print(l2.round(2).ravel())
