import numpy as np


class RBFNetwork:
    """Gaussian bumps with learned centres and widths, and a linear read-out."""

    def __init__(self, n_in, n_bumps, seed):
        rng = np.random.default_rng(seed)
        self.centres = rng.uniform(-1, 1, size=(n_bumps, n_in))
        self.beta = rng.uniform(1.0, 4.0, size=n_bumps)
        self.weights = rng.normal(0, 0.5, size=n_bumps)
        self.offset = np.zeros(1)

    def forward(self, x):
        self.apart = x[:, None, :] - self.centres[None, :, :]
        self.distance = np.sum(self.apart ** 2, axis=2)
        self.phi = np.exp(-self.beta * self.distance)
        return self.phi @ self.weights + self.offset

    def gradients(self, d):
        d_phi = np.outer(d, self.weights)
        d_power = d_phi * self.phi
        d_beta = -np.sum(d_power * self.distance, axis=0)
        d_centres = 2 * np.sum((self.beta * d_power)[:, :, None] * np.abs(self.apart), axis=0)
        return d_centres, d_beta, self.phi.T @ d, d.sum(keepdims=True)


rng = np.random.default_rng(27)
x = rng.uniform(-1, 1, size=(50, 2))
y = np.exp(-3 * np.sum((x - 0.3) ** 2, axis=1)) - 0.5 * np.cos(2 * x[:, 0])

net = RBFNetwork(2, 8, seed=5)
for epoch in range(150):
    out = net.forward(x)
    loss = 0.5 * np.mean((out - y) ** 2)
    grads = net.gradients((out - y) / len(y))
    for parameter, grad in zip((net.centres, net.beta, net.weights, net.offset), grads):
        parameter -= 0.3 * grad
    if epoch % 30 == 0:
        print("epoch", epoch, "loss", round(loss, 6))
