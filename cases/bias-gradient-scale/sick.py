import numpy as np


class MLP:
    def __init__(self, sizes, rng):
        self.W = []
        self.b = []
        for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
            self.W.append(rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out)))
            self.b.append(rng.normal(0, 0.1, fan_out))

    def run(self, X):
        values = [X]
        for i, (W, b) in enumerate(zip(self.W, self.b)):
            z = values[-1] @ W + b
            last = i == len(self.W) - 1
            values.append(z if last else np.tanh(z))
        return values

    def grads(self, X, Y):
        values = self.run(X)
        batch = X.shape[0]
        delta = values[-1] - Y
        loss = 0.5 * np.sum(delta ** 2) / batch
        out = []
        for i in reversed(range(len(self.W))):
            out.append((values[i].T @ delta / batch, delta.sum(axis=0)))
            if i:
                delta = (delta @ self.W[i].T) * (1 - values[i] ** 2)
        return loss, out[::-1]

    def apply(self, grads, rate):
        for i, (dW, db) in enumerate(grads):
            self.W[i] -= rate * dW
            self.b[i] -= rate * db


rng = np.random.default_rng(55)
X = rng.uniform(-1, 1, (8, 2))
Y = np.column_stack([X[:, 0] ** 2, X[:, 0] * X[:, 1], X[:, 1] + 0.5])
mlp = MLP([2, 6, 4, 3], rng)
for epoch in range(150):
    loss, grads = mlp.grads(X, Y)
    mlp.apply(grads, 0.04)
    if epoch % 50 == 0:
        print(epoch, loss)
