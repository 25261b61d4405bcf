import numpy as np


class TinyConvNet:
    """Two valid convolutions and a linear head; the input gradient is scattered, no kernel is rotated."""

    def __init__(self, rng):
        self.kernel = 0.5 * rng.normal(size=(3, 2))
        self.bias = 0.1 * rng.normal(size=1)
        self.second = 0.5 * rng.normal(size=(2, 2))
        self.head = 0.5 * rng.normal(size=(3, 4))

    @staticmethod
    def convolve(x, k):
        rows, cols = x.shape[1] - k.shape[0] + 1, x.shape[2] - k.shape[1] + 1
        out = np.zeros((len(x), rows, cols))
        for i in range(k.shape[0]):
            for j in range(k.shape[1]):
                out += k[i, j] * x[:, i:i + rows, j:j + cols]
        return out

    @staticmethod
    def convolve_back(x, k, g):
        rows, cols = g.shape[1:]
        dk, dx = np.zeros_like(k), np.zeros_like(x)
        for i in range(k.shape[0]):
            for j in range(k.shape[1]):
                dk[i, j] = np.sum(g * x[:, i:i + rows, j:j + cols])
                dx[:, i:i + rows, j:j + cols] += k[i, j] * g
        return dk, dx

    def train(self, x, t, lr):
        a = np.tanh(self.convolve(x, self.kernel) + self.bias)
        b = np.tanh(self.convolve(a, self.second))
        y = np.sum(b * self.head, axis=(1, 2))
        loss = 0.5 * np.mean((y - t) ** 2)
        d = ((y - t) / len(t))[:, None, None]
        d_head = np.sum(d * b, axis=0)
        d_second, d_a = self.convolve_back(a, self.second, d * self.head * (1 - b ** 2))
        d_z = d_a * (1 - a ** 2)
        d_kernel, _ = self.convolve_back(x, self.kernel, d_z)
        self.head -= lr * d_head
        self.second -= lr * d_second
        self.kernel -= lr * d_kernel
        self.bias -= lr * d_z.sum()
        return loss


rng = np.random.default_rng(68)
images = rng.normal(size=(12, 6, 6))
targets = np.tanh(images[:, 2, 2] * images[:, 3, 3] + images[:, 1, 1])
net = TinyConvNet(rng)
for step in range(100):
    loss = net.train(images, targets, 0.05)
    if step % 25 == 0:
        print(step, loss)
