import numpy as np


class BatchNorm:
    """With the unbiased deviation, and epsilon added to it and not under the root."""

    def __init__(self, width, eps=1e-3):
        self.gain, self.shift, self.eps = np.ones((1, width)), np.zeros((1, width)), eps

    def forward(self, x):
        self.centred = x - x.mean(axis=0, keepdims=True)
        self.std = x.std(axis=0, ddof=1, keepdims=True)
        self.normal = self.centred / (self.std + self.eps)
        return self.gain * self.normal + self.shift

    def backward(self, d):
        n = len(d)
        self.d_gain = (d * self.normal).sum(axis=0, keepdims=True)
        self.d_shift = d.sum(axis=0, keepdims=True)
        dn = d * self.gain
        d_std = -(dn * self.centred).sum(axis=0, keepdims=True) / (self.std + self.eps) ** 2
        d_centred = dn / (self.std + self.eps) + d_std * self.centred / ((n - 1) * self.std)
        return d_centred - d_centred.mean(axis=0, keepdims=True)


rng = np.random.default_rng(33)
x = rng.normal(3, 2, size=(40, 3))
t = np.stack([np.cos(x[:, 0]), x[:, 1] * x[:, 2] / 10], axis=1)
w1, w2 = rng.normal(size=(3, 12)), rng.normal(size=(12, 2)) / 4
c = np.zeros(2)
norm = BatchNorm(12)
for epoch in range(150):
    h = np.tanh(norm.forward(x @ w1))
    y = h @ w2 + c
    loss = np.mean((y - t) ** 2)
    dy = 2 * (y - t) / t.size
    dz = norm.backward(dy @ w2.T * (1 - h ** 2))
    w2 -= 0.2 * h.T @ dy
    c -= 0.2 * dy.sum(axis=0)
    w1 -= 0.2 * x.T @ dz
    norm.gain -= 0.2 * norm.d_gain
    norm.shift -= 0.2 * norm.d_shift
    if epoch % 50 == 0:
        print("epoch", epoch, "loss", loss)
