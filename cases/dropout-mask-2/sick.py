import numpy as np


class Dense:
    def __init__(self, fan_in, fan_out, rng):
        self.w = rng.standard_normal((fan_in, fan_out)) * np.sqrt(2.0 / fan_in)
        self.b = np.zeros((1, fan_out))

    def forward(self, x, training):
        self.x = x
        return x @ self.w + self.b

    def backward(self, grad, lr):
        grad_in = grad @ self.w.T
        self.w -= lr * self.x.T @ grad
        self.b -= lr * grad.sum(axis=0, keepdims=True)
        return grad_in


class LeakyReLU:
    def forward(self, x, training):
        self.x = x
        return np.where(x > 0, x, 0.1 * x)

    def backward(self, grad, lr):
        return grad * np.where(self.x > 0, 1, 0.1)


class Dropout:
    def __init__(self, rate, rng):
        self.rate, self.rng = rate, rng

    def forward(self, x, training):
        if not training:
            return x
        self.kept = self.rng.random(x.shape) >= self.rate
        return x * self.kept / (1 - self.rate)

    def backward(self, grad, lr):
        return grad * self.kept


rng = np.random.default_rng(31)
x = rng.standard_normal((50, 4))
y = np.sin(x[:, :1]) + x[:, 1:2] * x[:, 2:3]

layers = [Dense(4, 24, rng), LeakyReLU(), Dropout(0.3, rng), Dense(24, 12, rng), LeakyReLU(), Dense(12, 1, rng)]
for epoch in range(150):
    out = x
    for layer in layers:
        out = layer.forward(out, training=True)
    loss = np.mean((out - y) ** 2)
    grad = 2 * (out - y) / y.size
    for layer in reversed(layers):
        grad = layer.backward(grad, 0.03)
    if epoch % 30 == 0:
        clean = x
        for layer in layers:
            clean = layer.forward(clean, training=False)
        print(epoch, "train", round(loss, 4), "test", round(np.mean((clean - y) ** 2), 4))
