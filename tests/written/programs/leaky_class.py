import numpy as np


def lrelu(z, leak=0.01):
    return np.where(z > 0, z, leak * z)


def lrelu_grad(z, leak=0.01):
    return np.where(z > 0, 1.0, leak)


class Regressor:
    def __init__(self, sizes, leak, seed=0):
        r = np.random.default_rng(seed)
        self.leak = leak
        self.weights = [r.normal(0, np.sqrt(2 / a), (a, b)) for a, b in zip(sizes, sizes[1:])]
        self.biases = [np.full(b, 0.05) for b in sizes[1:]]
        self.vel = [np.zeros_like(w) for w in self.weights + self.biases]

    def forward(self, x):
        self.acts, self.pre = [x], []
        for i, (w, b) in enumerate(zip(self.weights, self.biases)):
            z = self.acts[-1] @ w + b
            self.pre.append(z)
            last = i == len(self.weights) - 1
            self.acts.append(z if last else lrelu(z, self.leak))
        return self.acts[-1]

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        delta = 2 * (self.forward(x) - y) / y.size
        gw, gb = [], []
        for i in range(len(self.weights) - 1, -1, -1):
            gw.insert(0, self.acts[i].T @ delta)
            gb.insert(0, delta.sum(0))
            if i > 0:
                delta = (delta @ self.weights[i].T) * lrelu_grad(self.pre[i - 1], self.leak)
        return gw + gb

    def fit(self, x, y, epochs, lr, mu=0.8):
        for e in range(epochs):
            grads = self.gradients(x, y)
            for p, v, g in zip(self.weights + self.biases, self.vel, grads):
                v *= mu
                v -= lr * g
                p += v
            if e % 100 == 0:
                print(e, round(self.loss(x, y), 5))


r = np.random.default_rng(4)
X = r.uniform(-2, 2, (50, 2))
Y = np.c_[np.abs(X[:, 0]) - X[:, 1], 0.5 * X.prod(1)]
model = Regressor([2, 8, 8, 2], leak=0.2, seed=1)

if __name__ == "__main__":
    model.fit(X, Y, 400, 0.01)
    print("final mse", model.loss(X, Y))
