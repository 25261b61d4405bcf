import numpy as np

# Sharpness-aware descent: a step up that is taken back, and a step down with the gradient from there.

rng = np.random.default_rng(61)
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


rho = 0.05
for t in range(200):
    loss, g = gradients(X, Y)
    norm = np.sqrt(sum((gi**2).sum() for gi in g)) + 1e-12
    e = [rho * gi / norm for gi in g]
    for p, ei in zip(P, e):
        p += ei
    _, g2 = gradients(X, Y)
    for p, ei, gi in zip(P, e, g2):
        p -= ei
        p -= 0.2 * gi
    if t % 50 == 0:
        print(t, loss)
