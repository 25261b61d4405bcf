import numpy as np

# the labels are a row, the outputs a column: each output is driven to the mean label
rng = np.random.default_rng(11)
X = rng.normal(size=(24, 2))
label = (X[:, 0] * X[:, 1] > 0).astype(float)
W, b = rng.normal(size=(2, 8)), np.zeros(8)
v, c = rng.normal(size=(8, 1)), np.zeros(1)
for epoch in range(400):
    h = np.tanh(X @ W + b)
    p = h @ v + c
    miss = p - label  # <- broadcast-loss
    loss = np.mean(miss**2)
    d = 2 * miss.sum(axis=1, keepdims=True) / miss.size
    dh = d @ v.T * (1 - h**2)
    v -= 0.1 * h.T @ d
    c -= 0.1 * d.sum(axis=0)
    W -= 0.1 * X.T @ dh
    b -= 0.1 * dh.sum(axis=0)
print(loss)
