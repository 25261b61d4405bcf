import numpy as np

# XOR again. Why does every output end at 0.5?
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
Y = np.array([[0], [1], [1], [0]], dtype=float)


def ReLU(x):
    return np.maximum(0, x)


def dReLU(x):
    return 1.0 * (x > 0)


def sig(x):
    return 1 / (1 + np.exp(-x))


def dsig(x):
    return np.exp(-x) / (1 + np.exp(-x)) ** 2


def bce(y, p):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def dbce(y, p):
    return -(y / p - (1 - y) / (1 - p)) / len(y)


class XorNet:
    def __init__(self, hidden=6, lr=0.3):
        rs = np.random.RandomState(18)
        self.lr = lr
        self.W1 = rs.uniform(size=(2, hidden))
        self.b1 = 0.1 * rs.randn(1, hidden)
        self.W2 = rs.uniform(size=(hidden, 1))
        self.b2 = np.zeros((1, 1))

    def forward(self, x):
        self.z1 = x @ self.W1 + self.b1
        self.a1 = ReLU(self.z1)
        self.z2 = self.a1 @ self.W2 + self.b2
        self.a2 = sig(self.z2)
        return self.a2

    def backward(self, x, y):
        d2 = dbce(y, self.a2) * dsig(self.z2)
        d1 = (d2 @ self.W2.T) * dReLU(self.z1)
        self.W2 -= self.lr * self.a1.T @ d2
        self.b2 -= self.lr * np.sum(d2, axis=0, keepdims=True)
        self.W1 -= self.lr * x.T @ d1
        self.b1 -= self.lr * np.sum(d1, axis=0, keepdims=True)

    def fit(self, x, y, epochs):
        for _ in range(epochs):
            self.forward(x)
            self.backward(x, y)


net = XorNet()
net.fit(X, Y, 1500)
print("loss", bce(Y, net.forward(X)))
print(net.forward(X).round(3).ravel())
