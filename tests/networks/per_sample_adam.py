import numpy as np

rng = np.random.default_rng(12)


class Adam:
    """Keeps the array that it moves, its two moments and the count of its steps."""

    def __init__(self, weights, rate, b1=0.9, b2=0.999):
        self.weights, self.rate, self.b1, self.b2 = weights, rate, b1, b2
        self.m = np.zeros_like(weights)
        self.v = np.zeros_like(weights)
        self.t = 0

    def update(self, grad):
        self.t += 1
        self.m = self.b1 * self.m + (1 - self.b1) * grad
        self.v = self.b2 * self.v + (1 - self.b2) * grad**2
        m = self.m / (1 - self.b1**self.t)
        v = self.v / (1 - self.b2**self.t)
        self.weights -= self.rate * m / (np.sqrt(v) + 1e-8)


class Net:
    def __init__(self, n_in, n_hidden, n_out):
        self.W1 = rng.normal(0, 0.5, (n_in, n_hidden))
        self.W2 = rng.normal(0, 0.5, (n_hidden, n_out))
        self.b2 = np.zeros(n_out)
        self.one, self.two, self.three = Adam(self.W1, 0.01), Adam(self.W2, 0.01), Adam(self.b2, 0.01)

    def forward(self, x):
        z1 = x @ self.W1
        a1 = np.tanh(z1)
        return z1, a1, np.tanh(a1 @ self.W2 + self.b2)

    def gradients(self, x, y):
        z1, a1, out = self.forward(x)  #@ theta self.W1,self.W2,self.b2
        d2 = (out - y) * (1 - out**2)  #@ loss 0.5 * ((out - y) ** 2).sum()
        g2 = np.outer(a1, d2)
        d1 = (d2 @ self.W2.T) * (1 - a1**2)  #@ act f=tanh d=(1-a1**2) a=a1 z=z1
        g1 = np.outer(x, d1)  #@ grad g1,g2,d2
        return g1, g2, d2

    def train(self, X, Y, epochs):
        history = []
        for _ in range(epochs):
            total = 0.0
            for x, y in zip(X, Y):
                g1, g2, gb = self.gradients(x, y)
                self.one.update(g1)
                self.two.update(g2)
                self.three.update(gb)
                # How far off it still is after the step: the network runs again on what was just updated.
                total += np.mean((self.forward(x)[-1] - y) ** 2)
            history.append(total / len(X))
        return history


X = rng.normal(size=(6, 5))
Y = np.tanh(np.stack([np.sin(X[:, 0]), X[:, 1] * X[:, 2]], axis=1))
net = Net(5, 4, 2)
print(net.train(X, Y, 60)[-1])
