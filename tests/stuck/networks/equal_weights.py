import numpy as np

# XOR, every weight begins at a half


class Net:
    def __init__(self):
        self.W1 = np.ones((2, 3)) * 0.5  # <- symmetric-initialisation
        self.b1 = np.zeros(3)
        self.W2 = np.ones((3, 1)) * 0.5
        self.b2 = np.zeros(1)

    def forward(self, x):
        self.h = np.tanh(x @ self.W1 + self.b1)
        return 1 / (1 + np.exp(-(self.h @ self.W2 + self.b2)))

    def step(self, x, t, eta):
        p = self.forward(x)
        d = (p - t) / len(x)
        dh = d @ self.W2.T * (1 - self.h**2)
        self.W2 -= eta * self.h.T @ d
        self.b2 -= eta * d.sum(axis=0)
        self.W1 -= eta * x.T @ dh
        self.b1 -= eta * dh.sum(axis=0)
        return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))


x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
t = np.array([[0.0], [1.0], [1.0], [0.0]])
net = Net()
for i in range(1500):
    cost = net.step(x, t, 0.3)
print(cost, net.forward(x).ravel())
