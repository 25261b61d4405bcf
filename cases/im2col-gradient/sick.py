import numpy as np


def column_indices(C, H, W, size):
    """Which channel, row and column of an image stands at each place of its column matrix."""
    rows, cols = H - size + 1, W - size + 1
    k = np.repeat(np.arange(C), size * size)[:, None]
    i = np.tile(np.repeat(np.arange(size), size), C)[:, None] + np.repeat(np.arange(rows), cols)
    j = np.tile(np.arange(size), size * C)[:, None] + np.tile(np.arange(cols), rows)
    return k, i, j


class Conv:
    def __init__(self, n_in, n_out, size, rng):
        self.size = size
        self.W = rng.normal(size=(n_out, n_in * size * size)) / np.sqrt(n_in * size * size)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        self.shape = x.shape
        N, C, H, W = x.shape
        self.where = column_indices(C, H, W, self.size)
        k, i, j = self.where
        self.cols = x[:, k, i, j]
        out = self.W @ self.cols + self.b
        return out.reshape(N, len(self.W), H - self.size + 1, W - self.size + 1)

    def backward(self, dout):
        d = dout.reshape(dout.shape[0], dout.shape[1], -1)
        self.dW = np.einsum("nfp,ncp->fc", d, self.cols)
        self.db = d.sum(axis=(0, 2))[:, None]
        dcols = self.W.T @ d
        dx = np.zeros(self.shape)
        k, i, j = self.where
        dx[:, k, i, j] += dcols
        return dx


rng = np.random.default_rng(36)
x = rng.normal(size=(20, 1, 6, 5))
edges = np.abs(np.diff(x[:, 0], axis=1)).mean(axis=(1, 2))
t = ((edges - edges.mean()) / edges.std())[:, None]

first, second = Conv(1, 3, 3, rng), Conv(3, 2, 2, rng)
v, c = rng.normal(size=(12, 1)) * 0.3, np.zeros(1)
for epoch in range(60):
    h1 = np.tanh(first.forward(x))
    h2 = np.tanh(second.forward(h1))
    flat = h2.reshape(len(x), -1)
    y = flat @ v + c
    loss = np.mean((y - t) ** 2)

    dy = 2 * (y - t) / len(x)
    dflat = dy @ v.T
    dh1 = second.backward(dflat.reshape(h2.shape) * (1 - h2 ** 2))
    first.backward(dh1 * (1 - h1 ** 2))

    v -= 0.1 * flat.T @ dy
    c -= 0.1 * dy.sum(axis=0)
    for conv in (first, second):
        conv.W -= 0.1 * conv.dW
        conv.b -= 0.1 * conv.db
    if epoch % 15 == 0:
        print("epoch", epoch, "loss", round(loss, 5))
