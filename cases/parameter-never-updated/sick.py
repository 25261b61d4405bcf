import numpy as np


class Net:
    def __init__(self, rng):
        self.W1 = rng.normal(size=(2, 5))
        self.b1 = 0.1 * rng.normal(size=5)
        self.W2 = rng.normal(size=(5, 2))
        self.b2 = np.zeros(2)

    def loss_and_grads(self, x, t):
        h = np.tanh(x @ self.W1 + self.b1)
        y = h @ self.W2 + self.b2
        d = (y - t) / len(x)
        dh = d @ self.W2.T * (1 - h ** 2)
        loss = 0.5 * np.sum((y - t) ** 2) / len(x)
        return loss, [x.T @ dh, dh.sum(axis=0), h.T @ d, d.sum(axis=0)]


class Optimizer:
    def __init__(self, params, lr):
        self.params = params
        self.lr = lr

    def step(self, grads):
        for p, g in zip(self.params, grads):
            p = p - self.lr * g


rng = np.random.default_rng(30)
X = rng.normal(size=(18, 2))
T = np.column_stack([X[:, 0] * X[:, 1], X[:, 0] + 0.3])
net = Net(rng)
sgd = Optimizer([net.W1, net.b1, net.W2, net.b2], lr=0.1)
for epoch in range(100):
    loss, grads = net.loss_and_grads(X, T)
    sgd.step(grads)
    if epoch % 25 == 0:
        print(epoch, loss)
