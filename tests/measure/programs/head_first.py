import numpy as np

# The last layer is trained first, then all of them.

rng = np.random.default_rng(9)
X = rng.normal(size=(64, 4))
Y = np.sin(X[:, :2]) + 0.1 * X[:, 2:]


def init(h=8):
    return [rng.normal(0, 0.5, (4, h)), np.zeros(h), rng.normal(0, 0.5, (h, 2)), np.zeros(2)]


def predict(P, x):
    return np.tanh(x @ P[0] + P[1]) @ P[2] + P[3]


def gradients(P, x, y):
    W1, b1, W2, b2 = P
    h = np.tanh(x @ W1 + b1)
    o = h @ W2 + b2
    loss = np.mean((o - y) ** 2)
    d = 2 * (o - y) / o.size
    dh = d @ W2.T * (1 - h**2)
    return loss, [x.T @ dh, dh.sum(0), h.T @ d, d.sum(0)]


P = init()
for t in range(60):
    for p, gi in zip(P[2:], gradients(P, X, Y)[1][2:]):
        p -= 0.2 * gi
for t in range(100):
    loss, g = gradients(P, X, Y)
    for p, gi, lr in zip(P, g, (0.02, 0.02, 0.2, 0.2)):
        p -= lr * gi
    if t % 25 == 0:
        print(t, loss)
