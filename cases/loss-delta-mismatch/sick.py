import numpy as np


class SigmoidNetwork:
    """Layers of logistic units of any depth; reports the quadratic cost."""

    def __init__(self, layer_sizes, seed):
        rng = np.random.default_rng(seed)
        pairs = list(zip(layer_sizes[:-1], layer_sizes[1:]))
        self.weights = [rng.normal(size=(n_out, n_in)) / np.sqrt(n_in) for n_in, n_out in pairs]
        self.biases = [rng.normal(size=(n_out, 1)) for _, n_out in pairs]

    @staticmethod
    def sigmoid(z):
        return 1.0 / (1.0 + np.exp(-z))

    def learn(self, X, Y, rate):
        n = X.shape[1]
        activations = [X]
        for w, b in zip(self.weights, self.biases):
            activations.append(self.sigmoid(w @ activations[-1] + b))
        output = activations[-1]
        error = np.sum((output - Y) ** 2) / (2 * n)

        delta = (output - Y) / n
        for layer in range(len(self.weights) - 1, -1, -1):
            grad_w = delta @ activations[layer].T
            grad_b = delta.sum(axis=1, keepdims=True)
            if layer > 0:
                a = activations[layer]
                delta = (self.weights[layer].T @ delta) * a * (1 - a)
            self.weights[layer] = self.weights[layer] - rate * grad_w
            self.biases[layer] = self.biases[layer] - rate * grad_b
        return error


rng = np.random.default_rng(14)
X = rng.uniform(-2, 2, size=(2, 36))
Y = np.vstack([X[0] + X[1] > 0, X[0] > X[1], X[0] ** 2 + X[1] ** 2 < 2]).astype(float)
net = SigmoidNetwork([2, 6, 3], seed=3)
for epoch in range(200):
    error = net.learn(X, Y, 0.5)
    if epoch % 50 == 0:
        print("epoch", epoch, "quadratic cost", error)
