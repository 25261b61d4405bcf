import numpy as np


def relu(x):
    return np.maximum(0, x)


class Net:
    def __init__(self, n_hidden, seed):
        rng = np.random.default_rng(seed)
        self.w1 = rng.normal(size=(3, n_hidden)) * np.sqrt(2 / 3)
        self.b1 = np.linspace(-12.0, 1.0, n_hidden)
        self.w2 = rng.normal(size=(n_hidden, 2)) / np.sqrt(n_hidden)
        self.b2 = np.zeros(2)

    def forward(self, X):
        self.z1 = np.dot(X, self.w1) + self.b1
        self.a1 = relu(self.z1)
        return np.dot(self.a1, self.w2) + self.b2

    def train(self, X, y, lr):
        out = self.forward(X)
        loss = np.sum((out - y) ** 2) / len(X)
        g = 2 * (out - y) / len(X)
        g1 = np.dot(g, self.w2.T)
        g1[self.z1 <= 0] = 0
        self.w2 -= lr * np.dot(self.a1.T, g)
        self.b2 -= lr * g.sum(axis=0)
        self.w1 -= lr * np.dot(X.T, g1)
        self.b1 -= lr * g1.sum(axis=0)
        return loss


rng = np.random.default_rng(73)
X = rng.uniform(-1, 1, size=(30, 3))
y = np.column_stack([np.abs(X[:, 0]) + X[:, 1], X[:, 2] * X[:, 0]])
net = Net(n_hidden=9, seed=6)
for epoch in range(150):
    loss = net.train(X, y, 0.05)
    if epoch % 50 == 0:
        print(f"epoch {epoch:3d} loss {loss:.4f} active {np.mean(net.a1 > 0):.2f}")
