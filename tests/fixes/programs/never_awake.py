import numpy as np

rng = np.random.default_rng(12)
X = rng.uniform(-1, 1, size=(24, 3))
t = np.abs(X[:, :1]) + 0.3 * X[:, 1:2]
layer = {"W": rng.normal(size=(3, 8)) * np.sqrt(2 / 3), "b": np.full((1, 8), -6.0)}
layer["b"][0, :2] = 0.1
out = {"W": 0.4 * rng.normal(size=(8, 1)), "b": np.zeros((1, 1))}
for epoch in range(120):
    z = X @ layer["W"] + layer["b"]
    h = np.maximum(z, 0)
    y = h @ out["W"] + out["b"]
    loss = np.mean((y - t) ** 2)
    dy = 2 * (y - t) / len(X)
    dz = dy @ out["W"].T * (z > 0)
    out["W"] -= 0.1 * h.T @ dy
    out["b"] -= 0.1 * dy.sum(axis=0, keepdims=True)
    layer["W"] -= 0.1 * X.T @ dz
    layer["b"] -= 0.1 * dz.sum(axis=0, keepdims=True)
print(loss)
