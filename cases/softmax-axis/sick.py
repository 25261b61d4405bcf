import numpy as np

rng = np.random.default_rng(8)

# tiny 3x3 "images" of four shapes, with noise
SHAPES = np.array([
    [0, 1, 0, 0, 1, 0, 0, 1, 0],
    [0, 0, 0, 1, 1, 1, 0, 0, 0],
    [1, 0, 0, 0, 1, 0, 0, 0, 1],
    [1, 1, 1, 1, 0, 1, 1, 1, 1],
], dtype=float)
digits = rng.integers(0, 4, size=24)
images = SHAPES[digits] + rng.normal(0, 0.2, size=(24, 9))

params = [
    rng.normal(0, 1 / 3, size=(9, 6)), rng.normal(0, 0.1, size=6),
    rng.normal(0, 1 / 2, size=(6, 4)), np.zeros(4),
]


def softmax(z):
    z = z - np.max(z)
    e = np.exp(z)
    return e / np.sum(e)


def backprop(params, x, k):
    w1, b1, w2, b2 = params
    n = len(x)
    h = np.maximum(x @ w1 + b1, 0)
    s = softmax(h @ w2 + b2)
    loss = -np.log(s[np.arange(n), k]).mean()
    d2 = s.copy()
    d2[np.arange(n), k] -= 1
    d2 /= n
    d1 = (d2 @ w2.T) * (h > 0)
    return loss, [x.T @ d1, d1.sum(axis=0), h.T @ d2, d2.sum(axis=0)]


for epoch in range(40):
    loss, grads = backprop(params, images, digits)
    for p, g in zip(params, grads):
        p -= 0.1 * g
    if epoch % 10 == 0:
        print(f"epoch {epoch}  loss {loss:.4f}")
