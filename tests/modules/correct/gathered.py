"""Networks that return gradients, by name, in lists or in attributes; whoever imports them takes the steps."""

import numpy as np


def log_softmax(scores):
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


class Classifier:
    def __init__(self, input_dim, hidden_dim, num_classes):
        self.params = {
            "W1": np.random.normal(0, 0.5, (input_dim, hidden_dim)),
            "b1": np.zeros(hidden_dim),
            "W2": np.random.normal(0, 0.5, (hidden_dim, num_classes)),
            "b2": np.zeros(num_classes),
        }

    def forward(self, X):
        hidden = np.maximum(X @ self.params["W1"] + self.params["b1"], 0)
        return hidden @ self.params["W2"] + self.params["b2"], hidden

    def loss(self, X, y):
        scores, hidden = self.forward(X)
        logs = log_softmax(scores)
        rows = np.arange(len(X))
        value = -logs[rows, y].mean()
        dscores = np.exp(logs)
        dscores[rows, y] -= 1
        dscores /= len(X)
        dhidden = (dscores @ self.params["W2"].T) * (hidden > 0)
        grads = {"W2": hidden.T @ dscores, "b2": dscores.sum(axis=0), "W1": X.T @ dhidden, "b1": dhidden.sum(axis=0)}
        return value, grads


class Perceptron:
    """As many layers as `sizes` says, a column a sample."""

    def __init__(self, sizes):
        self.weights = [np.random.normal(0, 0.7, (n, m)) for m, n in zip(sizes, sizes[1:])]
        self.biases = [np.zeros((n, 1)) for n in sizes[1:]]

    def feedforward(self, x):
        activations = [x]
        for w, b in zip(self.weights, self.biases):
            activations.append(np.tanh(w @ activations[-1] + b))
        return activations

    def backprop(self, x, y):
        activations = self.feedforward(x)
        d_weights, d_biases = [None] * len(self.weights), [None] * len(self.biases)
        delta = (activations[-1] - y) * (1 - activations[-1] ** 2)
        for layer in range(len(self.weights) - 1, -1, -1):
            d_weights[layer] = delta @ activations[layer].T
            d_biases[layer] = delta.sum(axis=1, keepdims=True)
            if layer:
                delta = (self.weights[layer].T @ delta) * (1 - activations[layer] ** 2)
        return d_weights, d_biases


class Regressor:
    """Leaves its gradients beside its weights."""

    def __init__(self, n_in, n_out):
        self.w = np.random.normal(0, 0.3, (n_in, n_out))
        self.c = np.zeros((1, n_out))

    def forward(self, x):
        self.x = x
        self.out = x @ self.w + self.c
        return self.out

    def backward(self, target):
        error = 2 * (self.out - target) / len(target)
        self.dw = self.x.T @ error
        self.dc = error.sum(axis=0, keepdims=True)
