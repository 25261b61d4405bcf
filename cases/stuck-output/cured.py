import numpy as np

# the pull of a spring by how far it is drawn
rng = np.random.default_rng(46)
elongation = rng.uniform(-1, 1, size=(30, 1))
pull = np.sin(2 * elongation)
spring = elongation


class Spring:
    def __init__(self, width):
        self.params = [rng.normal(size=(1, width)), rng.normal(size=width)]
        self.params += [rng.normal(size=(width, 1)) / np.sqrt(width), np.zeros(1)]

    def forward(self, x):
        W, b, V, c = self.params
        self.h = np.tanh(x @ W + b)
        return self.h @ V + c

    def gradients(self, x, d):
        dh = (d @ self.params[2].T) * (1 - self.h**2)
        return [x.T @ dh, dh.sum(axis=0), self.h.T @ d, d.sum(axis=0)]


net = Spring(6)
for epoch in range(600):
    y = net.forward(spring)
    loss = np.mean((y - pull) ** 2)
    for p, g in zip(net.params, net.gradients(spring, 2 * (y - pull) / len(pull))):
        p -= 0.1 * g
print(loss)
