import numpy as np
rng = np.random.default_rng(15)
X = 40 * rng.normal(size=(20, 2))
y = (X[:, 0] > 0).astype(float)
w = rng.normal(size=2) * 3
b = 0.0
for k in range(80):
    p = 1 / (1 + np.exp(-(X @ w + b)))
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    d = (p - y) / len(X)
    w -= 0.01 * X.T @ d
    b -= 0.01 * d.sum()
print(loss)
