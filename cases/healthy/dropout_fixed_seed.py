import numpy as np

rng = np.random.default_rng(123)
x = rng.normal(size=(20, 4))
t = (x[:, :1] * x[:, 1:2] > x[:, 2:3]).astype(float)
W, b = rng.normal(size=(4, 8)) / 2, 0.1 * rng.normal(size=8)
V, c = rng.normal(size=(8, 1)) / 3, np.zeros(1)
keep = 0.75

for step in range(150):
    h = np.tanh(x @ W + b)
    mask = (rng.random(h.shape) < keep) / keep
    dropped = h * mask
    p = 1 / (1 + np.exp(-(dropped @ V + c)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d = (p - t) / len(x)
    dz = d @ V.T * mask * (1 - h ** 2)
    V -= 0.1 * dropped.T @ d
    c -= 0.1 * d.sum(axis=0)
    W -= 0.1 * x.T @ dz
    b -= 0.1 * dz.sum(axis=0)
    if step % 50 == 0:
        print(step, loss)
