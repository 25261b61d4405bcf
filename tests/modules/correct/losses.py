"""Loss classes and functions."""

import numpy as np


class MeanSquaredError:
    def loss(self, y_true, y_pred):
        return np.mean((y_true - y_pred) ** 2)

    def gradient(self, y_true, y_pred):
        return 2 * (y_pred - y_true) / y_pred.size


class BinaryCrossEntropy:
    def forward(self, y_pred, y_true):
        self.p, self.y = y_pred, y_true
        return -np.mean(y_true * np.log(y_pred) + (1 - y_true) * np.log(1 - y_pred))

    def backward(self):
        return (self.p - self.y) / (self.p * (1 - self.p)) / self.y.size


class LogisticCost:
    """Its gradient is the one for what goes into the sigmoid that stands before it."""

    def forward(self, label, out):
        return np.mean(-label * np.log(out + 1e-8) - (1 - label) * np.log(1 - out + 1e-8))

    def backward(self, label, out):
        return out - label


class SoftmaxCrossEntropy:
    def forward(self, logits, labels):
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        self.p = e / e.sum(axis=1, keepdims=True)
        self.labels = labels
        return -np.log(self.p[np.arange(len(labels)), labels]).mean()

    def backward(self):
        d = self.p.copy()
        d[np.arange(len(self.labels)), self.labels] -= 1
        return d / len(self.labels)


def huber_loss(y_pred, y_true):
    r = y_pred - y_true
    return np.sum(np.where(np.abs(r) < 1, 0.5 * r**2, np.abs(r) - 0.5))


def huber_loss_grad(y_pred, y_true):
    r = y_pred - y_true
    return np.where(np.abs(r) < 1, r, np.sign(r))
