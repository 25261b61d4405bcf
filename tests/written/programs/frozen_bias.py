import numpy as np

rng = np.random.default_rng(88)


class Layer:
    def __init__(self, fan_in, fan_out, activation=None):
        self.w = rng.uniform(-1, 1, (fan_in, fan_out)) / np.sqrt(fan_in) * 1.5
        self.b = np.zeros(fan_out)
        self.gw = np.zeros_like(self.w)
        self.gb = np.zeros_like(self.b)
        self.activation = activation

    def forward(self, x):
        self.x = x
        z = x @ self.w + self.b
        self.y = np.tanh(z) if self.activation == "tanh" else z
        return self.y

    def backward(self, d):
        if self.activation == "tanh":
            d = d * (1 - self.y ** 2)
        np.matmul(self.x.T, d, out=self.gw)
        d.sum(axis=0, out=self.gb)
        return d @ self.w.T


class SGD:
    def __init__(self, pairs, lr):
        self.pairs = pairs
        self.lr = lr

    def step(self):
        for value, grad in self.pairs:
            value -= self.lr * grad


layers = [Layer(1, 9, "tanh"), Layer(9, 6, "tanh"), Layer(6, 1)]
opt = SGD([pair for l in layers for pair in ((l.w, l.gw), (l.b, l.gb))], lr=0.1)
X = np.linspace(-2, 2, 41).reshape(-1, 1)
Y = np.sin(2 * X) + 0.5 * X ** 2 - 0.3


def loss():
    out = X
    for l in layers:
        out = l.forward(out)
    return 0.5 * np.mean((out - Y) ** 2)


def backward():
    d = (layers[-1].y - Y) / len(X)
    for l in reversed(layers):
        d = l.backward(d)


if __name__ == "__main__":
    for it in range(2000):
        value = loss()
        backward()
        opt.step()
        if it % 500 == 0:
            print(it, value)
    print("end", loss())
