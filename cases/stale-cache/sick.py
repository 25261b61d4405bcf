import numpy as np


class Network:
    def __init__(self, rng):
        self.A = rng.normal(size=(4, 7)) / 2
        self.a = 0.1 * rng.normal(size=7)
        self.B, self.inputs = rng.normal(size=(7, 1)) / np.sqrt(7), None

    def forward(self, inputs):
        self.inputs = inputs if self.inputs is None else self.inputs
        self.hidden = np.tanh(inputs @ self.A + self.a)
        return self.hidden @ self.B

    def backward(self, error):
        hidden_error = error @ self.B.T * (1 - self.hidden ** 2)
        return self.inputs.T @ hidden_error, hidden_error.sum(axis=0), self.hidden.T @ error


rng = np.random.default_rng(34)
X = rng.normal(size=(60, 4))
T = np.tanh(X[:, :1] * X[:, 1:2] - X[:, 2:3])
net = Network(rng)
for epoch in range(40):
    for start in range(0, 60, 12):
        x, t = X[start:start + 12], T[start:start + 12]
        error = net.forward(x) - t
        loss = 0.5 * np.sum(error ** 2) / len(x)
        dA, da, dB = net.backward(error / len(x))
        net.A -= 0.2 * dA
        net.a -= 0.2 * da
        net.B -= 0.2 * dB
    if epoch % 10 == 0:
        print(epoch, round(float(loss), 5))
