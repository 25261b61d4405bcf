import numpy as np


class Linear:
    def __init__(self, n_in, n_out, gen):
        self.weight = gen.normal(0, np.sqrt(1 / n_in), (n_in, n_out))
        self.bias = np.zeros(n_out)

    def __call__(self, x):
        self.x = x
        return x @ self.weight + self.bias

    def backward(self, grad):
        self.grad_weight = self.x.T @ grad
        self.grad_bias = grad.sum(axis=0)
        return grad @ self.weight.T


class ResidualBlock:
    def __init__(self, width, gen):
        self.inner = Linear(width, width, gen)
        self.outer = Linear(width, width, gen)

    def __call__(self, x):
        self.mid = np.maximum(self.inner(x), 0)
        return x + self.outer(self.mid)

    def backward(self, grad):
        grad_mid = self.outer.backward(grad)
        grad_mid = grad_mid * (self.mid > 0)
        return grad + self.inner.backward(grad_mid)


class ResNet:
    def __init__(self, n_in, width, depth, n_out, seed=0):
        gen = np.random.default_rng(seed)
        self.stem = Linear(n_in, width, gen)
        self.blocks = [ResidualBlock(width, gen) for _ in range(depth)]
        self.head = Linear(width, n_out, gen)

    def linears(self):
        yield self.stem
        for block in self.blocks:
            yield block.inner
            yield block.outer
        yield self.head

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)

    def backward(self, grad):
        grad = self.head.backward(grad)
        for block in reversed(self.blocks):
            grad = block.backward(grad)
        self.stem.backward(grad)

    def step(self, lr):
        for layer in self.linears():
            layer.weight -= lr * layer.grad_weight
            layer.bias -= lr * layer.grad_bias


gen = np.random.default_rng(91)
x = gen.uniform(-2, 2, size=(48, 2))
y = np.stack([np.sin(x[:, 0]) * x[:, 1], np.abs(x[:, 0] - x[:, 1])], axis=1)
net = ResNet(2, 10, 3, 2)
for epoch in range(200):
    pred = net.forward(x)
    loss = ((pred - y) ** 2).mean()
    net.backward(2 * (pred - y) / y.size)
    net.step(0.02)
    if epoch % 50 == 0:
        print(epoch, loss)
