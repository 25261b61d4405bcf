import numpy as np


def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    for i, n in enumerate(shape):
        if n == 1:
            g = g.sum(axis=i, keepdims=True)
    return g


class Tensor:
    def __init__(self, data, children=()):
        self.data = np.asarray(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.children = children
        self.rule = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)
        out = Tensor(self.data + other.data, (self, other))

        def rule():
            self.grad += unbroadcast(out.grad, self.data.shape)
            other.grad += unbroadcast(out.grad, other.data.shape)
        out.rule = rule
        return out

    def __sub__(self, other):
        return self + Tensor(-np.asarray(other))

    def __matmul__(self, other):
        out = Tensor(self.data @ other.data, (self, other))

        def rule():
            self.grad += out.grad @ other.data.T
            other.grad += self.data.T @ out.grad
        out.rule = rule
        return out

    def tanh(self):
        t = np.tanh(self.data)
        out = Tensor(t, (self,))

        def rule():
            self.grad += (1 - t * t) * out.grad
        out.rule = rule
        return out

    def mean_square(self):
        out = Tensor(np.mean(self.data ** 2), (self,))

        def rule():
            self.grad += 2 * self.data / self.data.size * out.grad
        out.rule = rule
        return out

    def backward(self):
        order, seen = [], set()

        def visit(t):
            if id(t) not in seen:
                seen.add(id(t))
                for c in t.children:
                    visit(c)
                order.append(t)
        visit(self)
        self.grad = np.ones_like(self.data)
        for t in reversed(order):
            t.rule()


rng = np.random.default_rng(18)
X = rng.uniform(-1, 1, (40, 2))
y = np.sin(3 * X[:, 0]) * X[:, 1] + 0.5 * X[:, 0]
W1, b1 = Tensor(rng.normal(0, 0.8, (2, 10))), Tensor(np.zeros(10))
W2, b2 = Tensor(rng.normal(0, 0.3, (10, 1))), Tensor(np.zeros(1))
weights = [W1, b1, W2, b2]


def net(x):
    return (Tensor(x) @ W1 + b1).tanh() @ W2 + b2


def objective():
    return (net(X) - y[:, None]).mean_square()


if __name__ == "__main__":
    for step in range(800):
        for w in weights:
            w.grad = np.zeros_like(w.data)
        loss = objective()
        loss.backward()
        for w in weights:
            w.data -= 0.3 * w.grad
        if step % 200 == 0:
            print(step, float(loss.data))
    print("end", float(objective().data), "spread", net(X).data.std(), "wanted", y.std())
