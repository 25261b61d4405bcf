import numpy as np

# two classes by a ring; the rate throws the weights to and fro
rng = np.random.default_rng(6)
P = rng.normal(size=(30, 2))
c = (np.sum(P**2, axis=1, keepdims=True) > 1.2).astype(float)
W, b = rng.normal(size=(2, 6)), np.zeros(6)
V, d = rng.normal(size=(6, 1)), np.zeros(1)
for n in range(300):
    h = np.maximum(0, P @ W + b)
    y = h @ V + d
    err = np.mean((y - c) ** 2)
    gy = 2 * (y - c) / len(P)
    gh = gy @ V.T * (h > 0)
    V -= 0.75 * h.T @ gy  # <- learning-rate-too-high
    d -= 0.75 * gy.sum(axis=0)
    W -= 0.75 * P.T @ gh
    b -= 0.75 * gh.sum(axis=0)
print(err)
