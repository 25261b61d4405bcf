import numpy as np

# inputs and labels are shuffled each for itself, at every pass
rng = np.random.default_rng(14)
points = rng.normal(size=(32, 2))
inside = (np.abs(points[:, :1]) < 0.7).astype(float)
W, b = rng.normal(size=(2, 8)), np.zeros(8)
V, c = rng.normal(size=(8, 1)), np.zeros(1)
for epoch in range(300):
    x = points[rng.permutation(len(points))]
    t = inside[rng.permutation(len(points))]  # <- misaligned-shuffle
    h = np.tanh(x @ W + b)
    p = 1 / (1 + np.exp(-(h @ V + c)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d = (p - t) / len(x)
    dh = d @ V.T * (1 - h**2)
    V -= 0.3 * h.T @ d
    c -= 0.3 * d.sum(axis=0)
    W -= 0.3 * x.T @ dh
    b -= 0.3 * dh.sum(axis=0)
print(loss)
