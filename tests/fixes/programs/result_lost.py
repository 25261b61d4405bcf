import numpy as np

def sgd(params, grads, lr):
    return [p - lr * g for p, g in zip(params, grads)]

rng = np.random.default_rng(17)
X = rng.normal(size=(20, 3)); t = X[:, :1] * X[:, 1:2]
W, b, V, c = rng.normal(size=(3, 6)), np.zeros(6), rng.normal(size=(6, 1)), np.zeros(1)
for k in range(100):
    h = np.tanh(X @ W + b)
    y = h @ V + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ V.T * (1 - h ** 2)
    sgd([W, b, V, c], [X.T @ dh, dh.sum(0), h.T @ d, d.sum(0)], 0.05)
print(loss)
