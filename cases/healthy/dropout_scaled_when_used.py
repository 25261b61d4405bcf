import numpy as np

# Dropout as it was first published: zeros and ones in training, the weights scaled down afterwards.
rng = np.random.RandomState(9)
keep = 0.6
X = rng.uniform(-1, 1, size=(60, 3))
y = (np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2])[:, None]

V, a = rng.randn(3, 30), np.zeros(30)
W, b = rng.randn(30, 1) / 6, np.zeros(1)


def predict(x):
    return keep * np.tanh(x @ V + a) @ W + b


for epoch in range(300):
    h = np.tanh(X @ V + a)
    kept = rng.binomial(1, keep, size=h.shape)
    thin = h * kept
    out = thin @ W + b
    loss = 0.5 * np.mean((out - y) ** 2)
    d = (out - y) / len(X)
    dh = (d @ W.T) * kept * (1 - h ** 2)
    W -= 0.1 * thin.T @ d
    b -= 0.1 * d.sum(axis=0)
    V -= 0.1 * X.T @ dh
    a -= 0.1 * dh.sum(axis=0)
    if epoch % 100 == 0:
        print(epoch, round(loss, 5), round(0.5 * np.mean((predict(X) - y) ** 2), 5))
