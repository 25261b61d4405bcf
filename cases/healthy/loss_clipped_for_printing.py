import numpy as np

rng = np.random.default_rng(47)
x = rng.normal(size=(24, 2))
t = (np.hypot(x[:, :1], x[:, 1:]) < 1.0).astype(float)
W, b = rng.normal(size=(2, 6)), rng.normal(size=6)
V, c = rng.normal(size=(6, 1)), np.zeros(1)


def shown_loss(t, p):
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))


for epoch in range(300):
    h = np.tanh(x @ W + b)
    p = 1 / (1 + np.exp(-(h @ V + c)))
    d = (p - t) / len(x)
    e = d @ V.T * (1 - h ** 2)
    V -= 0.5 * h.T @ d
    c -= 0.5 * d.sum(axis=0)
    W -= 0.5 * x.T @ e
    b -= 0.5 * e.sum(axis=0)
    if epoch % 100 == 0:
        print(epoch, shown_loss(t, p))
