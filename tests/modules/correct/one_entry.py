"""A softmax whose backward pass stops at the first error that is not 0, as behind the loss of one class."""

import numpy as np


class Classes:
    def __init__(self, inputs, classes):
        self.w, self.b = 0.3 * np.random.randn(inputs, classes), np.zeros(classes)

    def forward(self, x):
        self.x = x
        e = np.exp(x @ self.w + self.b)
        self.p = e / e.sum()
        return self.p

    def backward(self, dp):
        for k, d in enumerate(dp):
            if d == 0:
                continue
            dz = -d * self.p[k] * self.p
            dz[k] += d * self.p[k]
            self.dw, self.db = np.outer(self.x, dz), dz
            return self.w @ dz
