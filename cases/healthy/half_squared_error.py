import numpy as np

# the half in the cost takes up the two of the derivative; cost and gradient are sums
rng = np.random.default_rng(44)
x = rng.normal(size=(15, 2))
t = np.sin(x[:, :1] + x[:, 1:] ** 2)
u, s = rng.normal(size=(2, 6)), 0.1 * rng.normal(size=6)
v, r = rng.normal(size=(6, 1)), np.zeros(1)

for step in range(200):
    h = np.tanh(x @ u + s)
    y = h @ v + r
    difference = y - t
    loss = (difference ** 2).sum() / 2
    back = difference @ v.T * (1 - np.power(h, 2))
    v = v - 0.02 * h.T @ difference
    r = r - 0.02 * difference.sum(axis=0)
    u = u - 0.02 * x.T @ back
    s = s - 0.02 * back.sum(axis=0)
    if step % 50 == 0:
        print(step, loss)
