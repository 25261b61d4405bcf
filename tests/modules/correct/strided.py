"""A convolution whose step is an argument: with steps of one most slips in its indices do not show."""

import numpy as np


class Conv2D:
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1, padding=0):
        self.k, self.s, self.p = kernel_size, stride, padding
        self.W = np.random.randn(out_channels, in_channels, kernel_size, kernel_size) * 0.1
        self.b = np.zeros(out_channels)

    def forward(self, x):
        self.x = np.pad(x, ((0, 0), (0, 0), (self.p, self.p), (self.p, self.p)))
        n, c, h, w = self.x.shape
        oh, ow = (h - self.k) // self.s + 1, (w - self.k) // self.s + 1
        out = np.zeros((n, len(self.b), oh, ow))
        for i in range(oh):
            for j in range(ow):
                patch = self.x[:, :, i * self.s : i * self.s + self.k, j * self.s : j * self.s + self.k]
                out[:, :, i, j] = np.tensordot(patch, self.W, axes=([1, 2, 3], [1, 2, 3])) + self.b
        return out

    def backward(self, grad):
        dx = np.zeros_like(self.x)
        self.dW, self.db = np.zeros_like(self.W), grad.sum(axis=(0, 2, 3))
        for i in range(grad.shape[2]):
            for j in range(grad.shape[3]):
                a, b = i * self.s, j * self.s
                g = grad[:, :, i, j]
                self.dW += np.tensordot(g, self.x[:, :, a : a + self.k, b : b + self.k], axes=([0], [0]))
                dx[:, :, a : a + self.k, b : b + self.k] += np.tensordot(g, self.W, axes=([1], [0]))
        return dx[:, :, self.p : -self.p, self.p : -self.p] if self.p else dx
