import numpy as np

# a small rate, on purpose: the loss creeps down for a thousand passes and has far to go
rng = np.random.default_rng(61)
x = rng.uniform(-1, 1, size=(30, 2))
t = np.sin(2 * x[:, :1]) - x[:, 1:]
W, b = rng.normal(size=(2, 10)), np.zeros(10)
V, c = rng.normal(size=(10, 1)) / 3, np.zeros(1)
for epoch in range(1000):
    h = np.tanh(x @ W + b)
    y = h @ V + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(x)
    dh = d @ V.T * (1 - h**2)
    V -= 0.001 * h.T @ d
    c -= 0.001 * d.sum(axis=0)
    W -= 0.001 * x.T @ dh
    b -= 0.001 * dh.sum(axis=0)
    if epoch % 100 == 0:
        print(epoch, loss)
