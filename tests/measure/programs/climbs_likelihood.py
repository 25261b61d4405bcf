import numpy as np

# The mean log-likelihood is climbed.

rng = np.random.default_rng(2)
X = rng.normal(size=(80, 3))
y = (X[:, 0] * X[:, 1] > 0).astype(int)
Y = np.eye(2)[y]
W, b, V, c = rng.normal(0, 0.5, (3, 8)), np.zeros(8), rng.normal(0, 0.5, (8, 2)), np.zeros(2)
for t in range(200):
    h = np.tanh(X @ W + b)
    z = h @ V + c
    p = np.exp(z)
    p /= p.sum(1, keepdims=True)
    log_likelihood = np.mean(np.log(p[np.arange(80), y]))
    d = (Y - p) / 80
    dh = d @ V.T * (1 - h**2)
    V = V + 0.5 * h.T @ d
    c = c + 0.5 * d.sum(0)
    W = W + 0.5 * X.T @ dh
    b = b + 0.5 * dh.sum(0)
    if t % 50 == 0:
        print(t, log_likelihood)
