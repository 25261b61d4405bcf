import numpy as np


class Layer:
    def __init__(self, n_in, n_out, rng):
        self.weights = rng.normal(size=(n_in, n_out)) / np.sqrt(n_in)
        self.bias = 0.1 * rng.normal(size=n_out)

    def forward(self, x):
        self.inputs = x
        self.outputs = np.tanh(x @ self.weights + self.bias)
        return self.outputs

    def backward(self, error, rate):
        delta = error * (1 - self.outputs ** 2)
        self.weights -= rate * self.inputs.T @ delta
        self.bias -= rate * delta.sum(axis=0)
        upstream = delta @ self.weights.T
        return upstream


class NeuralNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = [Layer(a, b, rng) for a, b in zip(sizes, sizes[1:])]

    def predict(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def train_batch(self, x, target, rate):
        y = self.predict(x)
        error = y - target
        loss = 0.5 * np.sum(error ** 2) / len(x)
        grad = error / len(x)
        for layer in reversed(self.layers):
            grad = layer.backward(grad, rate)
        return loss


rng = np.random.default_rng(4)
X = rng.uniform(-1, 1, size=(20, 2))
T = np.column_stack([np.tanh(3 * X[:, 0] * X[:, 1]), 0.8 * np.sign(X[:, 0] + X[:, 1])])
nn = NeuralNet([2, 6, 5, 2], seed=9)
for epoch in range(200):
    loss = nn.train_batch(X, T, 0.4)
    if epoch % 50 == 0:
        print(epoch, round(loss, 5))
