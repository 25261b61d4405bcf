import numpy as np

rng = np.random.default_rng(85)
x = rng.normal(size=(50, 3))
t = np.eye(2)[(x[:, 0] + x[:, 1] * x[:, 2] > 0).astype(int)]
w1, b1 = rng.normal(size=(3, 6)), 0.1 * rng.normal(size=6)
w2, b2 = rng.normal(size=(6, 2)), np.zeros(2)

for epoch in range(150):
    h = np.tanh(x @ w1 + b1)
    e = np.exp(h @ w2 + b2)
    s = e / e.sum(axis=1, keepdims=True)
    loss = -np.sum(t * np.log(s))
    d = s - t
    dh = d @ w2.T * (1 - h * h)
    w2 -= 0.004 * h.T @ d
    b2 -= 0.004 * d.sum(axis=0)
    w1 -= 0.004 * x.T @ dh
    b1 -= 0.004 * dh.sum(axis=0)
    if epoch % 50 == 0:
        print(epoch, loss)
