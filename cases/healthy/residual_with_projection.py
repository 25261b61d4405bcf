import numpy as np


class Block:
    """relu(x A) B added to x, or to a projection of x where the width changes."""

    def __init__(self, n_in, n_out, rng):
        self.A = rng.normal(size=(n_in, n_out)) * np.sqrt(2 / n_in)
        self.B = rng.normal(size=(n_out, n_out)) * np.sqrt(1 / n_out)
        self.P = None if n_in == n_out else rng.normal(size=(n_in, n_out)) / np.sqrt(n_in)

    def forward(self, x):
        self.x = x
        self.h = np.maximum(x @ self.A, 0)
        shortcut = x if self.P is None else x @ self.P
        return self.h @ self.B + shortcut

    def backward(self, g, rate):
        gz = (g @ self.B.T) * (self.h > 0)
        below = gz @ self.A.T
        if self.P is None:
            below = below + g
        else:
            below = below + g @ self.P.T
            self.P -= rate * self.x.T @ g
        self.B -= rate * self.h.T @ g
        self.A -= rate * self.x.T @ gz
        return below


rng = np.random.default_rng(8)
X = rng.uniform(-1, 1, size=(40, 3))
Y = np.stack([np.abs(X[:, 0]), X[:, 1] * X[:, 2]], axis=1)
blocks = [Block(3, 8, rng), Block(8, 8, rng), Block(8, 2, rng)]
for epoch in range(200):
    out = X
    for block in blocks:
        out = block.forward(out)
    loss = 0.5 * np.sum((out - Y) ** 2) / len(X)
    g = (out - Y) / len(X)
    for block in blocks[::-1]:
        g = block.backward(g, 0.02)
    if epoch % 50 == 0:
        print(epoch, loss)
