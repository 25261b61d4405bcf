import numpy as np


class Siamese:
    """Two inputs pass the same layer; their distance decides whether they belong together."""

    def __init__(self, n_in, n_out, rng):
        self.W = rng.normal(size=(n_in, n_out)) / np.sqrt(n_in)
        self.b = 0.3 * rng.normal(size=n_out)
        self.s = np.array([1.0])
        self.t = np.array([-1.0])

    def encode(self, x):
        return np.tanh(x @ self.W + self.b)

    def train(self, left, right, same, lr):
        n = len(same)
        a, c = self.encode(left), self.encode(right)
        gap = np.sum((a - c) ** 2, axis=1)
        p = 1 / (1 + np.exp(self.s * gap + self.t))
        loss = -np.mean(same * np.log(p) + (1 - same) * np.log(1 - p))

        d_score = -(p - same) / n
        d_gap = d_score * self.s
        d_a = 2 * d_gap[:, None] * (a - c) * (1 - a ** 2)
        d_c = -2 * d_gap[:, None] * (a - c) * (1 - c ** 2)

        dW = left.T @ d_a
        dW += right.T @ d_c
        db = d_a.sum(axis=0) + d_c.sum(axis=0)
        ds = np.array([np.sum(d_score * gap)])
        dt = np.array([np.sum(d_score)])
        self.W -= lr * dW
        self.b -= lr * db
        self.s -= lr * ds
        self.t -= lr * dt
        return loss


rng = np.random.default_rng(18)
family = rng.integers(0, 3, size=(24, 2))
centre = rng.normal(size=(3, 4))
left = centre[family[:, 0]] + 0.3 * rng.normal(size=(24, 4))
right = centre[family[:, 1]] + 0.3 * rng.normal(size=(24, 4))
same = (family[:, 0] == family[:, 1]).astype(float)
siam = Siamese(4, 3, rng)
for epoch in range(150):
    loss = siam.train(left, right, same, 0.2)
    if epoch % 50 == 0:
        print(epoch, round(loss, 5))
