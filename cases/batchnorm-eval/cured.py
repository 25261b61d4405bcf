import numpy as np

# weights of parcels from three measurements, with a normalised hidden layer
rng = np.random.default_rng(45)
sizes = rng.uniform(0.1, 1.0, size=(40, 3))
weight = (sizes[:, :1] * sizes[:, 1:2] * sizes[:, 2:]) ** 0.5


class Normalise:
    def __init__(self, width):
        self.mean, self.var = np.zeros(width), np.ones(width)

    def forward(self, z, training=True):
        if not training:
            return (z - self.mean) / np.sqrt(self.var + 1e-5)
        mu, var = z.mean(axis=0), z.var(axis=0)
        self.mean = 0.9 * self.mean + 0.1 * mu
        self.var = 0.9 * self.var + 0.1 * var
        self.std = np.sqrt(var + 1e-5)
        self.n = (z - mu) / self.std
        return self.n

    def backward(self, g):
        return (g - g.mean(axis=0) - self.n * (g * self.n).mean(axis=0)) / self.std


norm = Normalise(8)
W = rng.normal(size=(3, 8)) / np.sqrt(3)
V, c = rng.normal(size=(8, 1)) / np.sqrt(8), np.zeros(1)
for epoch in range(120):
    h = np.tanh(norm.forward(sizes @ W))
    y = h @ V + c
    mse = np.mean((y - weight) ** 2)
    dy = 2 * (y - weight) / len(sizes)
    dz = norm.backward((dy @ V.T) * (1 - h**2))
    V -= 0.1 * h.T @ dy
    c -= 0.1 * dy.sum(axis=0)
    W -= 0.1 * sizes.T @ dz

for parcel in ([0.2, 0.3, 0.4], [0.9, 0.8, 0.7]):
    z = np.array([parcel]) @ W
    print(parcel, np.tanh(norm.forward(z, training=False)) @ V + c)
