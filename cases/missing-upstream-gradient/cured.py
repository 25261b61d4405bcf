import numpy as np


class Dense:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.normal(size=(n_in, n_out)) / np.sqrt(n_in)
        self.b = 0.1 * rng.normal(size=n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad):
        self.dW = self.x.T @ grad
        self.db = grad.sum(axis=0)
        return grad @ self.W.T

    def update(self, lr):
        self.W -= lr * self.dW
        self.b -= lr * self.db


class Tanh:
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, grad):
        return grad * (1 - self.out ** 2)

    def update(self, lr):
        pass


class Sigmoid:
    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, grad):
        grad = grad * self.out * (1 - self.out)
        return grad

    def update(self, lr):
        pass


def train_step(net, X, Y):
    out = X
    for layer in net:
        out = layer.forward(out)
    loss = np.mean((out - Y) ** 2)
    grad = 2 * (out - Y) / out.size
    for layer in reversed(net):
        grad = layer.backward(grad)
    for layer in net:
        layer.update(0.02)
    return loss


rng = np.random.default_rng(5)
X = rng.normal(size=(20, 3))
Y = np.column_stack([np.sin(X[:, 0]) * X[:, 1], np.tanh(X[:, 2])])
net = [Dense(3, 6, rng), Sigmoid(), Dense(6, 5, rng), Tanh(), Dense(5, 2, rng)]
for epoch in range(120):
    loss = train_step(net, X, Y)
    if epoch % 30 == 0:
        print(epoch, loss)
