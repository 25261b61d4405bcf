import numpy as np


class MaxPool2D:
    def __init__(self, size):
        self.size = size

    def forward(self, x):
        self.x = x
        n, c, h, w = x.shape
        s = self.size
        out = np.zeros((n, c, h // s, w // s))
        for i in range(h // s):
            for j in range(w // s):
                out[:, :, i, j] = x[:, :, i * s:(i + 1) * s, j * s:(j + 1) * s].max(axis=(2, 3))
        return out

    def backward(self, dout):
        s = self.size
        dx = np.zeros_like(self.x)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                window = self.x[:, :, i * s:(i + 1) * s, j * s:(j + 1) * s]
                mask = window == window.max()
                dx[:, :, i * s:(i + 1) * s, j * s:(j + 1) * s] = mask * dout[:, :, i, j][:, :, None, None]
        return dx


class Conv3x3:
    def __init__(self, n_kernels, rng):
        self.kernels = rng.normal(size=(n_kernels, 3, 3)) / 3

    def regions(self, x):
        for i in range(x.shape[1] - 2):
            for j in range(x.shape[2] - 2):
                yield x[:, i:i + 3, j:j + 3], i, j

    def forward(self, x):
        self.last_input = x
        out = np.zeros((len(x), len(self.kernels), x.shape[1] - 2, x.shape[2] - 2))
        for region, i, j in self.regions(x):
            out[:, :, i, j] = np.tensordot(region, self.kernels, axes=([1, 2], [1, 2]))
        return out

    def backward(self, dout, learn_rate):
        d_kernels = np.zeros(self.kernels.shape)
        for region, i, j in self.regions(self.last_input):
            d_kernels += np.tensordot(dout[:, :, i, j], region, axes=([0], [0]))
        self.kernels -= learn_rate * d_kernels


# is the brightest spot in the left or in the right half?
rng = np.random.default_rng(53)
images = rng.uniform(0, 0.5, size=(24, 8, 8))
side = np.arange(24) % 2
for picture, right in zip(images, side):
    row, column = rng.integers(1, 7), rng.integers(1, 4) + 3 * right
    picture[row - 1:row + 2, column - 1:column + 2] += 0.6

conv, pool = Conv3x3(4, rng), MaxPool2D(2)
weights, bias = rng.normal(size=(36, 1)) / 6, np.zeros(1)
for epoch in range(40):
    pooled = pool.forward(conv.forward(images))
    features = np.tanh(pooled.reshape(len(images), -1))
    p = 1 / (1 + np.exp(-(features @ weights + bias)))
    y = side[:, None]
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    d = (p - y) / len(images)
    d_features = d @ weights.T * (1 - features ** 2)
    conv.backward(pool.backward(d_features.reshape(pooled.shape)), 0.2)
    weights -= 0.2 * features.T @ d
    bias -= 0.2 * d.sum(axis=0)
    if epoch % 10 == 0:
        print("epoch", epoch, "loss", round(float(loss), 4))
