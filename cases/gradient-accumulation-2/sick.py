import numpy as np


class Net:
    def __init__(self, rng):
        self.w1 = rng.normal(size=(5, 2))
        self.b1 = 0.2 * rng.normal(size=5)
        self.w2 = rng.normal(size=5)
        self.b2 = np.zeros(1)

    def gradients(self, x, t):
        h = np.tanh(self.w1 @ x + self.b1)
        y = self.w2 @ h + self.b2[0]
        e = y - t
        back = e * self.w2 * (1 - h ** 2)
        return 0.5 * e ** 2, (np.outer(back, x), back, e * h, np.array([e]))

    def train_epoch(self, data, rate):
        """One step per epoch with the mean gradient of all samples."""
        total = 0.0
        mean = [np.zeros_like(p) for p in (self.w1, self.b1, self.w2, self.b2)]
        for x, t in data:
            value, grads = self.gradients(x, t)
            total += value / len(data)
            mean = [g / len(data) for g in grads]
        for p, g in zip((self.w1, self.b1, self.w2, self.b2), mean):
            p -= rate * g
        return total


rng = np.random.default_rng(16)
inputs = rng.uniform(-1, 1, size=(14, 2))
data = [(x, np.sin(2 * x[0]) - x[1] ** 2) for x in inputs]
net = Net(rng)
for epoch in range(150):
    loss = net.train_epoch(data, 0.2)
    if epoch % 50 == 0:
        print(epoch, round(loss, 5))
