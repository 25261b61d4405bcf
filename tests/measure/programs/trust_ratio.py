import numpy as np

# LAMB: each array moves by a share of its own length.

rng = np.random.default_rng(56)
X = rng.normal(size=(64, 4))
Y = np.sin(X[:, :2]) + 0.1 * X[:, 2:]
P = [rng.normal(0, 0.5, (4, 8)), np.zeros(8), rng.normal(0, 0.5, (8, 2)), np.zeros(2)]


def gradients(x, y):
    W1, b1, W2, b2 = P
    h = np.tanh(x @ W1 + b1)
    o = h @ W2 + b2
    loss = np.mean((o - y) ** 2)
    d = 2 * (o - y) / o.size
    dh = d @ W2.T * (1 - h**2)
    return loss, [x.T @ dh, dh.sum(0), h.T @ d, d.sum(0)]


M = [np.zeros_like(p) for p in P]
V = [np.zeros_like(p) for p in P]
for t in range(1, 201):
    loss, g = gradients(X, Y)
    for i in range(4):
        M[i] = 0.9 * M[i] + 0.1 * g[i]
        V[i] = 0.999 * V[i] + 0.001 * g[i] ** 2
        r = (M[i] / (1 - 0.9**t)) / (np.sqrt(V[i] / (1 - 0.999**t)) + 1e-6) + 0.01 * P[i]
        wn, rn = np.linalg.norm(P[i]), np.linalg.norm(r)
        trust = min(wn / rn, 10.0) if wn > 0 and rn > 0 else 1.0
        P[i] = P[i] - 0.01 * trust * r
    if t % 50 == 0:
        print(t, loss)
