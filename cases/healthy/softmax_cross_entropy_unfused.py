import numpy as np


class Softmax:
    def forward(self, z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        self.p = e / e.sum(axis=1, keepdims=True)
        return self.p

    def backward(self, d):
        out = np.empty_like(d)
        for i, (p, g) in enumerate(zip(self.p, d)):
            jacobian = np.diagflat(p) - np.outer(p, p)
            out[i] = jacobian @ g
        return out


class CrossEntropy:
    def forward(self, p, onehot):
        self.p, self.onehot = np.clip(p, 1e-12, 1.0), onehot
        return -np.sum(onehot * np.log(self.p)) / len(p)

    def backward(self):
        return -self.onehot / self.p / len(self.p)


class Linear:
    def __init__(self, i, o, rng):
        self.w, self.b = rng.normal(size=(i, o)) / np.sqrt(i), np.zeros((1, o))

    def forward(self, x):
        self.x = x
        return x @ self.w + self.b

    def backward(self, d):
        self.dw, self.db = self.x.T @ d, d.sum(axis=0, keepdims=True)
        return d @ self.w.T


rng = np.random.default_rng(21)
x = rng.normal(size=(45, 2))
kind = np.digitize(x[:, 0] + x[:, 1] ** 2, [0.3, 1.4])
net = [Linear(2, 8, rng), Linear(8, 3, rng)]
head, criterion = Softmax(), CrossEntropy()
for epoch in range(120):
    h = np.tanh(net[0].forward(x))
    p = head.forward(net[1].forward(h))
    loss = criterion.forward(p, np.eye(3)[kind])
    d = net[1].backward(head.backward(criterion.backward()))
    net[0].backward(d * (1 - h ** 2))
    for layer in net:
        layer.w -= 0.5 * layer.dw
        layer.b -= 0.5 * layer.db
    if epoch % 40 == 0:
        print("epoch", epoch, "loss", round(loss, 4), "right", np.mean(p.argmax(axis=1) == kind))
