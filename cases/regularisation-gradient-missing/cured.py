import numpy as np


class RegularisedNet:
    def __init__(self, n_in, n_hidden, n_classes, reg=0.02, seed=0):
        rng = np.random.default_rng(seed)
        self.reg = reg
        self.W1 = rng.normal(size=(n_in, n_hidden)) / np.sqrt(n_in)
        self.b1 = 0.1 * rng.normal(size=n_hidden)
        self.W2 = rng.normal(size=(n_hidden, n_classes)) / np.sqrt(n_hidden)
        self.b2 = np.zeros(n_classes)
        self.history = []

    def loss(self, X, y):
        N = X.shape[0]
        self.h = np.tanh(X @ self.W1 + self.b1)
        scores = self.h @ self.W2 + self.b2
        scores = scores - scores.max(axis=1, keepdims=True)
        self.p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        data_loss = -np.log(self.p[np.arange(N), y]).mean()
        reg_loss = 0.5 * self.reg * (np.sum(self.W1 ** 2) + np.sum(self.W2 ** 2))
        return data_loss + reg_loss

    def gradients(self, X, y):
        N = X.shape[0]
        dscores = self.p.copy()
        dscores[np.arange(N), y] -= 1
        dscores /= N
        dh = dscores @ self.W2.T * (1 - self.h ** 2)
        grads = {"b1": dh.sum(axis=0), "b2": dscores.sum(axis=0)}
        grads["W1"] = X.T @ dh + self.reg * self.W1
        grads["W2"] = self.h.T @ dscores + self.reg * self.W2
        return grads

    def fit(self, X, y, epochs, lr=0.3):
        for _ in range(epochs):
            self.history.append(self.loss(X, y))
            for name, grad in self.gradients(X, y).items():
                setattr(self, name, getattr(self, name) - lr * grad)


rng = np.random.default_rng(40)
labels = np.arange(30) % 3
turn = labels * 2.1 + rng.normal(0, 0.3, 30)
X = np.column_stack([np.cos(turn), np.sin(turn)]) * rng.uniform(0.5, 1.5, (30, 1))
net = RegularisedNet(2, 6, 3)
net.fit(X, labels, 150)
print("loss", net.history[0], "->", net.history[-1])
