import numpy as np

rng = np.random.default_rng(58)
x = rng.normal(size=(20, 3))
t = x[:, :1] * x[:, 1:2] - np.sin(x[:, 2:])
theta = [rng.normal(size=(3, 6)), 0.1 * rng.normal(size=6), rng.normal(size=(6, 1)), np.zeros(1)]
velocity = [np.zeros_like(p) for p in theta]
lr, mu, decay = 0.05, 0.9, 0.01

for step in range(200):
    w1, b1, w2, b2 = theta
    h = np.tanh(x @ w1 + b1)
    y = h @ w2 + b2
    loss = 0.5 * np.mean((y - t) ** 2) + 0.5 * decay * (np.sum(w1 ** 2) + np.sum(w2 ** 2))
    d = (y - t) / len(x)
    e = d @ w2.T * (1 - h ** 2)
    grads = [x.T @ e + decay * w1, e.sum(axis=0), h.T @ d + decay * w2, d.sum(axis=0)]
    for p, v, g in zip(theta, velocity, grads):
        v *= mu
        v += g
        p -= lr * v
    if step % 50 == 0:
        print(step, loss)
