import numpy as np

rng = np.random.default_rng(70)
X = rng.normal(size=(64, 3))
y = ((X[:, 0] + X[:, 1] ** 2 - X[:, 2]) > 0.8).astype(float).reshape(-1, 1)
W1 = rng.normal(0, 0.6, (3, 8))
b1 = np.zeros(8)
W2 = rng.normal(0, 0.4, (8, 1))
b2 = np.zeros(1)
params = [W1, b1, W2, b2]
lr, batch = 0.1, 16
memory = [np.zeros_like(p) for p in params]

for epoch in range(80):
    order = rng.permutation(len(X))
    total = 0.0
    for start in range(0, len(X), batch):
        xb, yb = X[order[start:start + batch]], y[order[start:start + batch]]
        h = np.tanh(xb @ W1 + b1)
        z = h @ W2 + b2
        p = 1.0 / (1.0 + np.exp(-z))
        total += np.sum(np.logaddexp(0, z) - yb * z)
        dz = (p - yb) / len(xb)
        dh = (dz @ W2.T) * (1 - h ** 2)
        grads = [xb.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)]
        for param, g, m in zip(params, grads, memory):
            m += g * g
            param -= lr * g / (np.sqrt(m) + 1e-8)
    if epoch % 20 == 0 or epoch == 79:
        print("epoch", epoch, "loss", total / len(X))
