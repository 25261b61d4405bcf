import numpy as np

rng = np.random.default_rng(27)


class Affine:
    def __init__(self, i, o):
        self.W = rng.normal(0, 1.2 / np.sqrt(i), (i, o))
        self.b = rng.normal(0, 0.1, o)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, d, lr):
        dx = d @ self.W.T
        self.dW, self.db = self.x.T @ d, d.sum(axis=0)
        self.W -= lr * self.dW
        self.b -= lr * self.db
        return dx


class Softsign:
    def forward(self, x):
        self.scale = 1 + np.abs(x)
        return x / self.scale

    def backward(self, d, lr):
        return d / self.scale ** 2


net = [Affine(2, 6), Softsign(), Affine(6, 6), Softsign(), Affine(6, 1)]


def predict(x):
    for layer in net:
        x = layer.forward(x)
    return x


def mse(x, y):
    return np.mean((predict(x) - y) ** 2)


def train_batch(x, y, lr):
    d = 2 * (predict(x) - y) / y.size
    for layer in reversed(net):
        d = layer.backward(d, lr)


X = rng.uniform(-2, 2, (80, 2))
Y = np.cos(1.5 * X[:, :1]) + 0.5 * X[:, 1:]

if __name__ == "__main__":
    for epoch in range(400):
        train_batch(X, Y, 0.1)
        if epoch % 100 == 0:
            print(epoch, mse(X, Y))
    print("mse", mse(X, Y))
