import numpy as np

def mse(pred, target):
    return np.mean((pred - target) ** 2)

rng = np.random.default_rng(12)
X = rng.normal(size=(15, 3))
y = X[:, 0] - 2 * X[:, 1]
W = rng.normal(size=(3, 4)); b = np.zeros(4)
V = rng.normal(size=(4, 1)) * 0.5; c = np.zeros(1)
for i in range(100):
    h = np.tanh(X @ W + b)
    out = h @ V + c
    loss = mse(out, y)
    d = 2 * (out - y[:, None]) / len(X)
    dh = d @ V.T * (1 - h ** 2)
    V -= 0.05 * h.T @ d
    c -= 0.05 * d.sum(axis=0)
    W -= 0.05 * X.T @ dh
    b -= 0.05 * dh.sum(axis=0)
print(loss)
