import numpy as np

class Layer:
    def __init__(self, n, m, rng):
        self.W = rng.normal(size=(m, n)) / np.sqrt(n)
        self.b = np.zeros(m)

    def forward(self, x):
        self.x = x
        self.a = np.tanh(self.W @ x + self.b)
        return self.a

    def backward(self, g):
        d = g * (1 - self.a ** 2)
        self.dW = np.outer(d, self.x)
        self.db = d
        return self.W.T @ d

    def update(self, lr):
        self.W -= lr * self.dW
        self.b -= lr * self.db

rng = np.random.default_rng(14)
xs = rng.uniform(-1, 1, size=(10, 2))
ts = np.stack([xs[:, 0] * xs[:, 1], xs[:, 0]], axis=1) * 0.8
l1, l2 = Layer(2, 5, rng), Layer(5, 2, rng)
for epoch in range(100):
    loss = 0.0
    for x, t in zip(xs, ts):
        y = l2.forward(l1.forward(x))
        loss += 0.5 * np.sum((y - t) ** 2)
        l1.backward(l2.backward(y - t))
    l1.update(0.05)
    l2.update(0.05)
print(loss)
