import numpy as np

rng = np.random.RandomState(3)


class Dense:
    def __init__(self, n_in, n_out):
        self.W = rng.randn(n_in, n_out) * np.sqrt(1.0 / n_in)
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, d):
        self.grads = [self.x.T @ d, d.sum(axis=0)]
        return d @ self.W.T

    def params(self):
        return [self.W, self.b]


class BatchNorm:
    def __init__(self, n):
        self.gamma = np.ones(n)
        self.beta = np.zeros(n)

    def forward(self, x):
        self.std = np.sqrt(x.var(axis=0) + 1e-5)
        self.xhat = (x - x.mean(axis=0)) / self.std
        return self.gamma * self.xhat + self.beta

    def backward(self, d):
        self.grads = [(d * self.xhat).sum(axis=0), d.sum(axis=0)]
        dxhat = d * self.gamma
        return (dxhat - dxhat.mean(axis=0) - self.xhat * (dxhat * self.xhat).mean(axis=0)) / self.std

    def params(self):
        return [self.gamma, self.beta]


class Tanh:
    grads = []

    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, d):
        return d * (1 - self.out ** 2)

    def params(self):
        return []


class Net:
    def __init__(self, layers):
        self.layers = layers

    def loss(self, x, y):
        for l in self.layers:
            x = l.forward(x)
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.p = e / e.sum(axis=1, keepdims=True)
        return -np.mean(np.log(self.p[np.arange(len(y)), y]))

    def backward(self, y):
        d = self.p.copy()
        d[np.arange(len(y)), y] -= 1
        d /= len(y)
        for l in reversed(self.layers):
            d = l.backward(d)
        return d

    def step(self, lr):
        for l in self.layers:
            for w, g in zip(l.params(), l.grads):
                w -= lr * g


X = rng.randn(60, 4) * np.array([1.0, 2.0, 0.5, 1.0])
y = (X[:, 0] * X[:, 1] > 0).astype(int) + (X[:, 2] > 0.3)
net = Net([Dense(4, 10), BatchNorm(10), Tanh(), Dense(10, 3)])

if __name__ == "__main__":
    for it in range(200):
        L = net.loss(X, y)
        net.backward(y)
        net.step(0.3)
        if it % 50 == 0:
            print(it, L)
    print("final", net.loss(X, y), "acc", (net.p.argmax(1) == y).mean())
