import numpy as np

# points inside a ring, by two hidden layers
rng = np.random.default_rng(43)
angle = rng.uniform(0, 2 * np.pi, 60)
radius = np.where(np.arange(60) % 2 == 0, 0.5, 1.5) + 0.1 * rng.normal(size=60)
points = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
inner = (radius < 1).astype(float).reshape(-1, 1)


def activate(s):
    return s


def slope(a):
    return np.ones_like(a)


U, u = rng.normal(size=(2, 8)) / np.sqrt(2), np.zeros(8)
V, v = rng.normal(size=(8, 8)) / np.sqrt(8), np.zeros(8)
W, w = rng.normal(size=(8, 1)) / np.sqrt(8), np.zeros(1)
for epoch in range(400):
    a1 = activate(points @ U + u)
    a2 = activate(a1 @ V + v)
    p = 1 / (1 + np.exp(-(a2 @ W + w)))
    loss = -np.mean(inner * np.log(p) + (1 - inner) * np.log(1 - p))
    d3 = (p - inner) / len(points)
    d2 = (d3 @ W.T) * slope(a2)
    d1 = (d2 @ V.T) * slope(a1)
    W -= 0.3 * a2.T @ d3
    w -= 0.3 * d3.sum(axis=0)
    V -= 0.3 * a1.T @ d2
    v -= 0.3 * d2.sum(axis=0)
    U -= 0.3 * points.T @ d1
    u -= 0.3 * d1.sum(axis=0)
print(loss, np.mean((p > 0.5) == (inner > 0.5)))
