import numpy as np

# A restricted Boltzmann machine: correlations with the data less those with its own reconstructions.

rng = np.random.default_rng(2)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


V = (rng.random((60, 8)) < np.repeat([[0.9, 0.1]], 4, axis=1).ravel()).astype(float)
W = rng.normal(0, 0.1, (8, 5))
a = np.zeros(8)
b = np.zeros(5)
lr = 0.1
for epoch in range(100):
    ph = sigmoid(V @ W + b)
    h = (rng.random(ph.shape) < ph).astype(float)
    pv = sigmoid(h @ W.T + a)
    ph2 = sigmoid(pv @ W + b)
    W += lr * (V.T @ ph - pv.T @ ph2) / len(V)
    a += lr * (V - pv).mean(axis=0)
    b += lr * (ph - ph2).mean(axis=0)
    if epoch % 20 == 0:
        print(epoch, np.mean((V - pv) ** 2))
