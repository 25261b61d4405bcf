import numpy as np


class ThreeLayerNet:
    """tanh -> relu -> softmax; the first layer used to be relu as well."""

    def __init__(self, sizes, seed=0):
        r = np.random.RandomState(seed)
        self.W1 = r.randn(sizes[0], sizes[1]) * np.sqrt(2 / sizes[0])
        self.b1 = 0.05 * r.randn(sizes[1])
        self.W2 = r.randn(sizes[1], sizes[2]) * np.sqrt(1 / sizes[1])
        self.b2 = 0.05 * r.randn(sizes[2])
        self.W3 = r.randn(sizes[2], sizes[3]) * np.sqrt(1 / sizes[2])
        self.b3 = np.zeros(sizes[3])

    def forward(self, X):
        self.Z1 = X.dot(self.W1) + self.b1
        self.A1 = np.tanh(self.Z1)
        self.Z2 = self.A1.dot(self.W2) + self.b2
        self.A2 = np.maximum(0, self.Z2)
        scores = self.A2.dot(self.W3) + self.b3
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def backward(self, X, Y, P, lr):
        m = X.shape[0]
        loss = -np.sum(Y * np.log(P)) / m
        dZ3 = (P - Y) / m
        dZ2 = dZ3.dot(self.W3.T) * (self.Z2 > 0)
        dZ1 = dZ2.dot(self.W2.T) * (1 - self.A1 ** 2)
        self.W3 -= lr * self.A2.T.dot(dZ3)
        self.b3 -= lr * dZ3.sum(axis=0)
        self.W2 -= lr * self.A1.T.dot(dZ2)
        self.b2 -= lr * dZ2.sum(axis=0)
        self.W1 -= lr * X.T.dot(dZ1)
        self.b1 -= lr * dZ1.sum(axis=0)
        return loss


r = np.random.RandomState(12)
X = r.uniform(-1, 1, size=(40, 2))
ring = np.digitize(np.hypot(X[:, 0], X[:, 1]), [0.5, 0.9])
Y = np.eye(3)[ring]
net = ThreeLayerNet([2, 8, 6, 3], seed=5)
for epoch in range(200):
    P = net.forward(X)
    loss = net.backward(X, Y, P, 0.1)
    if epoch % 50 == 0:
        print(epoch, loss)
