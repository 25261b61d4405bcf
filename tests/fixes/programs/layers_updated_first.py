import numpy as np

class Dense:
    def __init__(self, n_in, n_out, rng):
        self.w = rng.standard_normal((n_in, n_out)) / np.sqrt(n_in)
        self.b = np.zeros(n_out)
    def forward(self, x):
        self.x = x
        return x.dot(self.w) + self.b
    def backward(self, grad, lr=0.1):
        # update first
        self.w = self.w - lr * self.x.T.dot(grad)
        self.b = self.b - lr * grad.sum(axis=0)
        return grad.dot(self.w.T)

class Tanh:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y
    def backward(self, grad, lr=0.1):
        return grad * (1 - self.y ** 2)

rng = np.random.default_rng(2)
X = rng.normal(size=(16, 2)); Y = (X[:, :1] * X[:, 1:])
net = [Dense(2, 6, rng), Tanh(), Dense(6, 1, rng)]
for epoch in range(120):
    out = X
    for layer in net:
        out = layer.forward(out)
    loss = np.mean((out - Y) ** 2)
    grad = 2 * (out - Y) / len(X)
    for layer in reversed(net):
        grad = layer.backward(grad)
print(loss)
