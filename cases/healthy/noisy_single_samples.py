import numpy as np

# one sample at a time, drawn at random, with labels of which a tenth is wrong: the loss jumps about
rng = np.random.default_rng(64)
X = rng.normal(size=(100, 2))
clean = (X[:, 0] > X[:, 1] ** 2 - 0.5).astype(float)
labels = np.where(rng.uniform(size=100) < 0.1, 1 - clean, clean)
W, b = rng.normal(size=(2, 8)), np.zeros(8)
v, c = rng.normal(size=8) / 3, 0.0
for step in range(1500):
    i = rng.integers(len(X))
    x, t = X[i], labels[i]
    h = np.tanh(x @ W + b)
    p = 1 / (1 + np.exp(-(h @ v + c)))
    loss = -(t * np.log(p) + (1 - t) * np.log(1 - p))
    d = p - t
    dh = d * v * (1 - h**2)
    v -= 0.1 * d * h
    c -= 0.1 * d
    W -= 0.1 * np.outer(x, dh)
    b -= 0.1 * dh
    if step % 300 == 0:
        print(step, loss)
