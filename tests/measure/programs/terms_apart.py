import numpy as np

# The mean error and the penalty are printed side by side; what is descended is the sum over outputs with the penalty.
rng = np.random.default_rng(5)
X = rng.normal(size=(20, 4))
Y = np.sin(X[:, :2]) + 0.1 * X[:, 2:]
W1, b1, W2, b2 = rng.normal(0, 0.5, (4, 8)), np.zeros(8), rng.normal(0, 0.5, (8, 2)), np.zeros(2)
for t in range(150):
    h = np.tanh(X @ W1 + b1)
    o = h @ W2 + b2
    d = 2 * (o - Y) / len(X)
    dh = d @ W2.T * (1 - h**2)
    g1, gb1, g2, gb2 = X.T @ dh, dh.sum(0), h.T @ d, d.sum(0)
    mse = np.mean((o - Y) ** 2)
    penalty = 0.01 * (np.abs(W1).sum() + np.abs(W2).sum())
    W1 -= 0.1 * (g1 + 0.01 * np.sign(W1))
    b1 -= 0.1 * gb1
    W2 -= 0.1 * (g2 + 0.01 * np.sign(W2))
    b2 -= 0.1 * gb2
    if t % 50 == 0:
        print(t, mse, penalty)
