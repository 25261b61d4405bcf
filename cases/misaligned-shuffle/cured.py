import numpy as np


class Classifier:
    def __init__(self, sizes, rng):
        self.rng = rng
        self.W = [rng.normal(size=(i, o)) / np.sqrt(i) for i, o in zip(sizes, sizes[1:])]
        self.b = [np.zeros(o) for o in sizes[1:]]

    def gradients(self, x, t):
        h = np.tanh(x @ self.W[0] + self.b[0])
        p = 1 / (1 + np.exp(-(h @ self.W[1] + self.b[1])))
        self.loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
        d = (p - t) / len(x)
        dh = d @ self.W[1].T * (1 - h ** 2)
        return [x.T @ dh, h.T @ d], [dh.sum(axis=0), d.sum(axis=0)]

    def fit(self, x, t, epochs, batch, rate):
        for epoch in range(epochs):
            order = self.rng.permutation(len(x))
            x, t = x[order], t[order]
            for i in range(0, len(x), batch):
                dW, db = self.gradients(x[i:i + batch], t[i:i + batch])
                for layer in range(2):
                    self.W[layer] -= rate * dW[layer]
                    self.b[layer] -= rate * db[layer]
            if epoch % 10 == 0:
                print("epoch", epoch, "loss", round(float(self.loss), 4))


rng = np.random.default_rng(47)
x = rng.normal(size=(80, 2))
t = (x[:, :1] > 0.4 * x[:, 1:]).astype(float)
Classifier([2, 6, 1], rng).fit(x, t, 40, 16, 0.3)
