"""Small building blocks; see Sequential for use."""
import numpy as np


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


class Module:
    def parameters(self):
        return []

    def __call__(self, x):
        return self.forward(x)


class Linear(Module):
    def __init__(self, fan_in, fan_out, seed):
        rng = np.random.RandomState(seed)
        lim = np.sqrt(6.0 / (fan_in + fan_out))
        self.weight = rng.uniform(-lim, lim, (fan_out, fan_in))
        self.bias = np.zeros(fan_out)

    def forward(self, x):
        self.x = x
        return x @ self.weight.T + self.bias

    def backward(self, grad_output):
        self.weight_grad = grad_output.T @ self.x
        self.bias_grad = grad_output.sum(axis=0)
        return grad_output @ self.weight

    def parameters(self):
        return [(self.weight, self.weight_grad), (self.bias, self.bias_grad)]


class Sigmoid(Module):
    def forward(self, x):
        self.y = sigmoid(x)
        return self.y

    def backward(self, grad_output):
        return grad_output * self.y * (1 - self.y)


class Softplus(Module):
    def forward(self, x):
        self.x = x
        return np.logaddexp(0, x)

    def backward(self, grad_output):
        grad_input = grad_output * sigmoid(self.x)
        return grad_input


class MSELoss:
    def __call__(self, pred, target):
        self.diff = pred - target
        return np.mean(self.diff ** 2)

    def backward(self):
        return 2 * self.diff / self.diff.size


class Sequential(Module):
    def __init__(self, *modules):
        self.modules = modules

    def forward(self, x):
        for m in self.modules:
            x = m(x)
        return x

    def backward(self, grad_output):
        for m in self.modules[::-1]:
            grad_output = m.backward(grad_output)
        return grad_output

    def sgd(self, lr):
        for m in self.modules:
            for value, grad in m.parameters():
                value -= lr * grad
