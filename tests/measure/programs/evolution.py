import numpy as np

# An evolution strategy: what was added to the parameters is weighed by how well they did.

rng = np.random.default_rng(4)
X = rng.normal(size=(40, 3))
Y = np.sin(X[:, :1])


def unpack(p):
    return p[:18].reshape(3, 6), p[18:24], p[24:30].reshape(6, 1), p[30:]


def loss(p):
    W1, b1, W2, b2 = unpack(p)
    return np.mean((np.tanh(X @ W1 + b1) @ W2 + b2 - Y) ** 2)


theta = rng.normal(0, 0.3, 31)
sigma, lr, n = 0.1, 0.05, 30
for gen in range(60):
    eps = rng.normal(size=(n, 31))
    R = np.array([-loss(theta + sigma * e) for e in eps])
    A = (R - R.mean()) / (R.std() + 1e-8)
    theta = theta + lr / (n * sigma) * eps.T @ A
    if gen % 20 == 0:
        print(gen, loss(theta))
