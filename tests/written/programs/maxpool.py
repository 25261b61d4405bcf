import numpy as np


class MaxPool:
    def __init__(self, ph, pw):
        self.ph, self.pw = ph, pw

    def forward(self, x):
        n, c, h, w = x.shape
        oh, ow = h // self.ph, w // self.pw
        win = x.reshape(n, c, oh, self.ph, ow, self.pw).transpose(0, 1, 2, 4, 3, 5)
        win = win.reshape(n, c, oh, ow, self.ph * self.pw)
        self.shape = x.shape
        self.arg = win.argmax(axis=-1)
        return win.max(axis=-1)

    def backward(self, dout):
        dx = np.zeros(self.shape)
        for n, c, i, j in np.ndindex(*dout.shape):
            k = self.arg[n, c, i, j]
            u, v = divmod(k, self.pw)
            dx[n, c, i * self.ph + u, j * self.pw + v] = dout[n, c, i, j]
        return dx


class Scale:
    """per-channel gain and offset followed by tanh"""

    def __init__(self, channels, rng):
        self.gain = rng.uniform(0.5, 1.5, channels)
        self.offset = rng.normal(0, 0.2, channels)

    def forward(self, x):
        self.x = x
        self.y = np.tanh(x * self.gain[None, :, None, None] + self.offset[None, :, None, None])
        return self.y

    def backward(self, dout):
        dz = dout * (1 - self.y ** 2)
        self.dgain = (dz * self.x).sum(axis=(0, 2, 3))
        self.doffset = dz.sum(axis=(0, 2, 3))
        return dz * self.gain[None, :, None, None]


rng = np.random.default_rng(12)
scale = Scale(2, rng)
pool = MaxPool(2, 2)
x = rng.normal(size=(3, 2, 6, 8))
target = rng.uniform(-0.5, 0.9, size=(3, 2, 3, 4))


def loss():
    return 0.5 * np.sum((pool.forward(scale.forward(x)) - target) ** 2)


def backward():
    d = pool.forward(scale.forward(x)) - target
    return scale.backward(pool.backward(d))


if __name__ == "__main__":
    print("loss", loss())
    dx = backward()
    print("dgain", scale.dgain, "doffset", scale.doffset, "|dx|", np.abs(dx).sum())
