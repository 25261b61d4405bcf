import numpy as np


class Perceptron:
    def __init__(self, rng):
        self.hidden = rng.normal(size=(2, 6))
        self.output = rng.normal(size=6)

    def learn(self, x, target, rate):
        h = np.tanh(x @ self.hidden)
        y = 1 / (1 + np.exp(-h @ self.output))
        delta = y - target
        back = delta * self.output * (1 - h ** 2)
        self.output -= rate * delta * h
        self.hidden -= rate * np.outer(x, back)
        return -np.log(y if target else 1 - y)


rng = np.random.default_rng(37)
points = rng.uniform(-1, 1, size=(12, 2))
inside = (np.hypot(points[:, 0], points[:, 1]) < 0.8).astype(int)
EPOCHS = 300
net = Perceptron(rng)
for epoch in range(EPOCHS):
    loss = sum(net.learn(x, t, 0.2) for x, t in zip(points, inside)) / len(points)
    if epoch % 100 == 0:
        print(epoch, round(float(loss), 4))
