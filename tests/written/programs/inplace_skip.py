import numpy as np


class SkipNet:
    def __init__(self, n_in, n_hidden, n_out, seed=0):
        rng = np.random.RandomState(seed)
        s = lambda a, b: rng.randn(a, b) / np.sqrt(a)
        self.params = dict(W1=s(n_in, n_hidden), b1=np.zeros(n_hidden), W2=s(n_hidden, n_hidden),
                           b2=np.zeros(n_hidden), W3=s(n_hidden, n_out), b3=np.zeros(n_out))
        self.cache = {}

    def forward(self, x):
        p = self.params
        h1 = np.tanh(x @ p["W1"] + p["b1"])
        h2 = np.tanh(h1 @ p["W2"] + p["b2"])
        self.cache.update(x=x, h1=h1, h2=h2)
        h2 = h2 + h1
        self.cache["top"] = h2
        return h2 @ p["W3"] + p["b3"]

    def loss(self, x, y):
        return 0.5 * np.mean(np.sum((self.forward(x) - y) ** 2, axis=1))

    def backward(self, x, y):
        p, g = self.params, {}
        d = (self.forward(x) - y) / len(x)
        c = self.cache
        g["W3"], g["b3"] = c["top"].T @ d, d.sum(axis=0)
        dtop = d @ p["W3"].T
        d2 = dtop * (1 - c["h2"] ** 2)
        g["W2"], g["b2"] = c["h1"].T @ d2, d2.sum(axis=0)
        d1 = (dtop + d2 @ p["W2"].T) * (1 - c["h1"] ** 2)
        g["W1"], g["b1"] = c["x"].T @ d1, d1.sum(axis=0)
        return g


rng = np.random.RandomState(15)
X = rng.uniform(-1, 1, (50, 3))
Y = np.column_stack([X[:, 0] * X[:, 1], np.sin(2 * X[:, 2]) - X[:, 0]])
model = SkipNet(3, 7, 2, seed=5)

if __name__ == "__main__":
    for i in range(600):
        grads = model.backward(X, Y)
        for k in model.params:
            model.params[k] -= 0.08 * grads[k]
        if i % 150 == 0:
            print(i, model.loss(X, Y))
    print("end", model.loss(X, Y))
