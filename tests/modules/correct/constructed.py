"""Constructors that take arrays, shapes of images and sequences, heads and groups; queries, keys and values."""

import numpy as np


class Given:
    """A convolution that is handed its weights."""

    def __init__(self, kernels, bias, stride=1):
        self.kernels, self.bias, self.stride = kernels, bias, stride

    def windows(self, x):
        many, depth, rows, cols = self.kernels.shape
        for r in range((x.shape[2] - rows) // self.stride + 1):
            for c in range((x.shape[3] - cols) // self.stride + 1):
                yield r, c, np.s_[:, :, r * self.stride : r * self.stride + rows, c * self.stride : c * self.stride + cols]

    def forward(self, x):
        self.x = x
        many, depth, rows, cols = self.kernels.shape
        high, wide = (x.shape[2] - rows) // self.stride + 1, (x.shape[3] - cols) // self.stride + 1
        out = np.zeros((len(x), many, high, wide))
        for r, c, part in self.windows(x):
            out[:, :, r, c] = np.einsum("ndij,mdij->nm", x[part], self.kernels) + self.bias
        return out

    def backward(self, dout):
        self.dkernels, self.dbias = np.zeros_like(self.kernels), dout.sum(axis=(0, 2, 3))
        dx = np.zeros_like(self.x)
        for r, c, part in self.windows(self.x):
            self.dkernels += np.einsum("nm,ndij->mdij", dout[:, :, r, c], self.x[part])
            dx[part] += np.einsum("nm,mdij->ndij", dout[:, :, r, c], self.kernels)
        return dx


class ByImage:
    """One image, its shape told beforehand; a bias for every place of the output."""

    def __init__(self, input_shape, kernel_size, depth):
        planes, high, wide = input_shape
        self.input_shape, self.size = input_shape, kernel_size
        self.kernels_shape = (depth, planes, kernel_size, kernel_size)
        self.kernels = 0.3 * np.random.randn(*self.kernels_shape)
        self.biases = 0.1 * np.random.randn(depth, high - kernel_size + 1, wide - kernel_size + 1)

    def forward(self, image):
        self.image = image
        out = self.biases.copy()
        for r in range(out.shape[1]):
            for c in range(out.shape[2]):
                part = image[:, r : r + self.size, c : c + self.size]
                out[:, r, c] += (self.kernels * part).sum(axis=(1, 2, 3))
        return out

    def backward(self, dout, learning_rate):
        dimage, dkernels = np.zeros(self.input_shape), np.zeros(self.kernels_shape)
        for r in range(dout.shape[1]):
            for c in range(dout.shape[2]):
                d = dout[:, r, c][:, None, None, None]
                dkernels += d * self.image[:, r : r + self.size, c : c + self.size]
                dimage[:, r : r + self.size, c : c + self.size] += (d * self.kernels).sum(axis=0)
        self.kernels -= learning_rate * dkernels
        self.biases -= learning_rate * dout
        return dimage


class Recurrent:
    """Its input's shape has a default that is none."""

    def __init__(self, units, input_shape=None):
        width = input_shape[1]
        self.inner, self.outer = 0.4 * np.random.randn(width, units), 0.4 * np.random.randn(units, units)

    def forward(self, x):
        self.x = x
        self.h = np.zeros((len(x), x.shape[1] + 1, len(self.outer)))
        for t in range(x.shape[1]):
            self.h[:, t + 1] = np.tanh(x[:, t] @ self.inner + self.h[:, t] @ self.outer)
        return self.h[:, 1:]

    def backward(self, dout):
        self.dinner, self.douter = np.zeros_like(self.inner), np.zeros_like(self.outer)
        dx, later = np.zeros_like(self.x), 0.0
        for t in range(dout.shape[1] - 1, -1, -1):
            dz = (dout[:, t] + later) * (1 - self.h[:, t + 1] ** 2)
            self.dinner += self.x[:, t].T @ dz
            self.douter += self.h[:, t].T @ dz
            dx[:, t] = dz @ self.inner.T
            later = dz @ self.outer.T
        return dx


class Heads:
    def __init__(self, d_model, n_heads):
        if d_model % n_heads:
            raise ValueError("every head takes as many columns")
        self.n_heads = n_heads
        self.mixed = np.random.randn(d_model, d_model) / np.sqrt(d_model)
        self.joined = np.random.randn(d_model, d_model) / np.sqrt(d_model)

    def parted(self, x):
        return x.reshape(*x.shape[:2], self.n_heads, -1).swapaxes(1, 2)

    def forward(self, x):
        self.x, self.v = x, self.parted(x @ self.mixed)
        scores = self.v @ self.v.swapaxes(2, 3)
        scores = np.exp(scores - scores.max(axis=3, keepdims=True))
        self.p = scores / scores.sum(axis=3, keepdims=True)
        self.y = (self.p @ self.v).swapaxes(1, 2).reshape(x.shape)
        return self.y @ self.joined

    def backward(self, dout):
        self.djoined = np.einsum("bti,btj->ij", self.y, dout)
        dy = self.parted(dout @ self.joined.T)
        dp = dy @ self.v.swapaxes(2, 3)
        ds = self.p * (dp - (dp * self.p).sum(axis=3, keepdims=True))
        dv = self.p.swapaxes(2, 3) @ dy + ds @ self.v + ds.swapaxes(2, 3) @ self.v
        dv = dv.swapaxes(1, 2).reshape(self.x.shape)
        self.dmixed = np.einsum("bti,btj->ij", self.x, dv)
        return dv @ self.mixed.T


class Groups:
    def __init__(self, num_groups, num_channels):
        self.num_groups = num_groups
        self.gain, self.shift = np.ones((num_channels, 1, 1)), np.zeros((num_channels, 1, 1))

    def forward(self, x):
        grouped = x.reshape(len(x), self.num_groups, -1)
        self.spread = np.sqrt(grouped.var(axis=2, keepdims=True) + 1e-5)
        self.n = ((grouped - grouped.mean(axis=2, keepdims=True)) / self.spread).reshape(x.shape)
        return self.gain * self.n + self.shift

    def backward(self, dout):
        self.dgain = (dout * self.n).sum(axis=(0, 2, 3)).reshape(self.gain.shape)
        self.dshift = dout.sum(axis=(0, 2, 3)).reshape(self.shift.shape)
        dn = (dout * self.gain).reshape(len(dout), self.num_groups, -1)
        n = self.n.reshape(dn.shape)
        centred = dn - dn.mean(axis=2, keepdims=True) - n * (dn * n).mean(axis=2, keepdims=True)
        return (centred / self.spread).reshape(dout.shape)


class Lookup:
    def forward(self, Q, K, V):
        self.Q, self.K, self.V = Q, K, V
        e = np.exp(Q @ K.swapaxes(1, 2) / np.sqrt(Q.shape[2]))
        self.a = e / e.sum(axis=2, keepdims=True)
        return self.a @ V

    def backward(self, dout):
        da = dout @ self.V.swapaxes(1, 2)
        ds = self.a * (da - (da * self.a).sum(axis=2, keepdims=True)) / np.sqrt(self.Q.shape[2])
        return ds @ self.K, ds.swapaxes(1, 2) @ self.Q, self.a.swapaxes(1, 2) @ dout
