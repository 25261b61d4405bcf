import numpy as np


class Momentum:
    """Heavy-ball updates for a list of arrays."""

    def __init__(self, params, rate=0.02, mu=0.9):
        self.params = params
        self.rate = rate
        self.mu = mu
        self.speed = [np.zeros_like(p) for p in params]

    def step(self, grads):
        for p, s, g in zip(self.params, self.speed, grads):
            s[...] = self.mu * s - self.rate * g
            p += s


def forward_backward(params, x, t):
    w1, b1, w2, b2 = params
    h = np.tanh(x @ w1 + b1)
    y = h @ w2 + b2
    dy = 2 * (y - t) / len(x)
    dh = dy @ w2.T * (1 - h ** 2)
    return np.mean((y - t) ** 2), [x.T @ dh, dh.sum(axis=0), h.T @ dy, dy.sum(axis=0)]


rng = np.random.default_rng(41)
x = rng.uniform(-1, 1, size=(60, 2))
t = np.sin(3 * x[:, :1]) * x[:, 1:]
params = [rng.normal(size=(2, 10)), np.zeros(10), 0.3 * rng.normal(size=(10, 1)), np.zeros(1)]

for epoch in range(40):
    total = 0.0
    for start in range(0, len(x), 12):
        optimizer = Momentum(params)
        loss, grads = forward_backward(params, x[start:start + 12], t[start:start + 12])
        optimizer.step(grads)
        total += loss
    if epoch % 10 == 0:
        print(epoch, round(total / 5, 5))
