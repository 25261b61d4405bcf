"""A layer that moves itself at a rate of its own, and a softmax that averages."""

import numpy as np

STEP = 0.01
DECAY = 1e-4


class Dense:
    def __init__(self, n_in, n_out, learning_rate=0.1):
        self.learning_rate = learning_rate
        self.weights = np.random.randn(n_in, n_out) * 0.5
        self.biases = np.zeros(n_out)

    def forward(self, x):
        return x @ self.weights + self.biases

    def backward(self, x, grad_output):
        grad_x = grad_output @ self.weights.T
        self.weights -= self.learning_rate * (x.T @ grad_output) / len(x)
        self.biases -= self.learning_rate * grad_output.mean(axis=0)
        return grad_x


class Softmax:
    """Averages over the samples, as the loss above it does not."""

    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.s = e / e.sum(axis=1, keepdims=True)
        return self.s

    def backward(self, grad):
        return self.s * (grad - (grad * self.s).sum(axis=1, keepdims=True)) / len(grad)


class Rectified:
    """Takes its step at a rate that the module fixes, and shrinks its weights at every one."""

    def __init__(self, n_in, n_out):
        self.w = np.random.randn(n_in, n_out) / np.sqrt(n_in)
        self.b = np.zeros((1, n_out))

    def fwd(self, x):
        self.x = x
        self.y = np.maximum(0, x @ self.w + self.b)
        return self.y

    def backprop(self, ds):
        dz = ds * (self.y > 0)
        dx = dz @ self.w.T
        dw = self.x.T @ dz + DECAY * self.w
        db = dz.sum(axis=0, keepdims=True)
        self.w -= STEP * dw
        self.b -= STEP * db
        return dx
