import numpy as np

rng = np.random.default_rng(2024)


class FC:
    def __init__(self, i, o):
        self.w = rng.standard_normal((i, o)) * np.sqrt(2.0 / i)
        self.b = np.full(o, 0.1)

    def __call__(self, x):
        self.x = x
        return np.dot(x, self.w) + self.b

    def grad(self, g):
        self.dw, self.db = np.dot(self.x.T, g), g.sum(0)
        return np.dot(g, self.w.T)


class ReLU:
    def __call__(self, x):
        self.out = np.maximum(x, 0)
        return self.out

    def grad(self, g):
        g = g.copy()
        g[self.out <= 0] = 0
        return g


class CrossEntropy:
    def __call__(self, s, y):
        s = s - s.max(1, keepdims=True)
        self.logp = s - np.log(np.exp(s).sum(1, keepdims=True))
        self.y = y
        return -self.logp[np.arange(len(y)), y].mean()

    def grad(self):
        return (np.exp(self.logp) - np.eye(self.logp.shape[1])[self.y]) / len(self.y)


stack = [FC(3, 12), ReLU(), FC(12, 9), ReLU(), FC(9, 3)]
criterion = CrossEntropy()
X = rng.standard_normal((66, 3))
y = np.digitize(X[:, 0] + X[:, 1] * X[:, 2], [-0.5, 0.5])


def loss():
    h = X
    for layer in stack:
        h = layer(h)
    return criterion(h, y)


def backprop():
    g = criterion.grad()
    for layer in stack[::-1]:
        g = layer.grad(g)


if __name__ == "__main__":
    for epoch in range(300):
        value = loss()
        backprop()
        for layer in stack:
            if isinstance(layer, FC):
                layer.w -= 0.05 * layer.dw
                layer.b -= 0.05 * layer.db
        if epoch % 60 == 0:
            print(epoch, value)
    print("final", loss())
