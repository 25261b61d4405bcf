import numpy as np


class Recurrent:
    """Predicts the next value of a series; full backpropagation through time."""

    def __init__(self, n, rng):
        self.U, self.R = rng.normal(size=n), 0.4 * rng.normal(size=(n, n))
        self.b, self.V, self.c = 0.1 * rng.normal(size=n), rng.normal(size=n) / 2, np.zeros(1)

    def step(self, s, lr):
        T = len(s) - 1
        h = np.zeros((T + 1, self.b.size))
        for t in range(T):
            h[t + 1] = np.tanh(self.U * s[t] + self.R @ h[t] + self.b)
        y = h[1:] @ self.V + self.c
        error = y - s[1:]
        loss = 0.5 * np.mean(error ** 2)
        e = error / T
        dU, dR, db, flow = 0 * self.U, 0 * self.R, 0 * self.b, 0 * self.b
        for t in range(T - 1, -1, -1):
            dz = (e[t] * self.V + flow) * (1 - h[t + 1] ** 2)
            dU += dz * s[t]
            dR += np.outer(dz, h[t])
            db += dz
            flow = self.R.T @ dz
        self.V -= lr * h[1:].T @ e
        self.c -= lr * e.sum()
        self.U, self.R, self.b = self.U - lr * dU, self.R - lr * dR, self.b - lr * db
        return loss


rng = np.random.default_rng(70)
series = np.sin(0.7 * np.arange(16)) + 0.3 * np.cos(1.9 * np.arange(16))
net = Recurrent(5, rng)
for k in range(200):
    loss = net.step(series, 0.1)
    if k % 50 == 0:
        print(k, loss)
