import numpy as np
X = np.array([[0.2, 0.7], [0.9, 0.1], [0.4, 0.4], [0.8, 0.9]])
t = np.array([1.0, 0.0, 1.0, 0.0])
w = np.array([1, -1])
b = 0.0
for k in range(60):
    y = X @ w + b
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    w[:] = w - 0.1 * (X.T @ d)
    b -= 0.1 * d.sum()
print(loss)
