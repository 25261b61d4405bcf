import numpy as np


def im2col(img, k, s, p):
    n, c, h, w = img.shape
    oh, ow = (h + 2 * p - k) // s + 1, (w + 2 * p - k) // s + 1
    padded = np.pad(img, [(0, 0), (0, 0), (p, p), (p, p)])
    col = np.zeros((n, c, k, k, oh, ow))
    for y in range(k):
        for x in range(k):
            col[:, :, y, x] = padded[:, :, y:y + s * oh:s, x:x + s * ow:s]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(n * oh * ow, -1)


def col2im(col, shape, k, s, p):
    n, c, h, w = shape
    oh, ow = (h + 2 * p - k) // s + 1, (w + 2 * p - k) // s + 1
    col = col.reshape(n, oh, ow, c, k, k).transpose(0, 3, 4, 5, 1, 2)
    img = np.zeros((n, c, h + 2 * p, w + 2 * p))
    for y in range(k):
        for x in range(k):
            img[:, :, y:y + s * oh:s, x:x + s * ow:s] += col[:, :, y, x]
    return img[:, :, p:p + h, p:p + w]


class Conv:
    def __init__(self, f, c, k, s=1, p=0):
        self.W = np.random.randn(f, c, k, k) / np.sqrt(c * k * k)
        self.b = np.zeros(f)
        self.k, self.s, self.p = k, s, p

    def forward(self, x):
        n, c, h, w = x.shape
        self.shape = x.shape
        self.oh = (h + 2 * self.p - self.k) // self.s + 1
        self.ow = (w + 2 * self.p - self.k) // self.s + 1
        self.col = im2col(x, self.k, self.s, self.p)
        out = self.col @ self.W.reshape(len(self.b), -1).T + self.b
        return out.reshape(n, self.oh, self.ow, -1).transpose(0, 3, 1, 2)

    def backward(self, dout):
        d = dout.transpose(0, 2, 3, 1).reshape(-1, len(self.b))
        self.dW = (d.T @ self.col).reshape(self.W.shape)
        self.db = d.sum(axis=0)
        return col2im(d @ self.W.reshape(len(self.b), -1), self.shape, self.k, self.s, self.p)


np.random.seed(42)
c1, c2 = Conv(3, 1, 3, 1, 1), Conv(3, 3, 3, 2, 1)
V = np.random.randn(3 * 3 * 4, 2) * 0.2
bV = np.zeros(2)
images = np.random.randn(24, 1, 6, 7) * 0.5
labels = np.arange(24) % 2
images[labels == 1, 0, 1:4, 2:5] += 0.6


def loss_and_grads(x, t):
    a1 = np.tanh(c1.forward(x))
    a2 = np.tanh(c2.forward(a1))
    flat = a2.reshape(len(x), -1)
    s = flat @ V + bV
    s = s - s.max(1, keepdims=True)
    logp = s - np.log(np.exp(s).sum(1, keepdims=True))
    loss = -logp[np.arange(len(t)), t].mean()
    ds = (np.exp(logp) - np.eye(2)[t]) / len(t)
    d2 = (ds @ V.T).reshape(a2.shape) * (1 - a2 ** 2)
    c1.backward(c2.backward(d2) * (1 - a1 ** 2))
    return loss, [c1.dW, c1.db, c2.dW, c2.db, flat.T @ ds, ds.sum(0)]


params = [c1.W, c1.b, c2.W, c2.b, V, bV]

if __name__ == "__main__":
    for step in range(60):
        L, grads = loss_and_grads(images, labels)
        for w, g in zip(params, grads):
            w -= 0.2 * g
        if step % 20 == 0 or step == 59:
            print(step, L)
