import numpy as np

class Model:
    def __init__(self):
        g = np.random.default_rng(8)
        self.W = g.normal(size=(4, 3)) * 0.3
        self.b = np.zeros(3)
        self.dW = np.zeros_like(self.W)
        self.db = np.zeros_like(self.b)

    def forward(self, x):
        s = x @ self.W + self.b
        e = np.exp(s - s.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def backward(self, x, p, t):
        d = (p - t) / len(x)
        self.dW += x.T @ d
        self.db += d.sum(axis=0)

    def step(self, lr):
        self.W -= lr * self.dW
        self.b -= lr * self.db

g = np.random.default_rng(9)
X = g.normal(size=(30, 4))
labels = np.argmax(X[:, :3] + 0.2 * g.normal(size=(30, 3)), axis=1)
T = np.eye(3)[labels]
m = Model()
for it in range(80):
    p = m.forward(X)
    loss = -np.mean(np.sum(T * np.log(p), axis=1))
    m.backward(X, p, T)
    m.step(0.5)
print(loss)
