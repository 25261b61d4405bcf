import numpy as np


class Dense:
    def __init__(self, fan_in, fan_out, rng):
        self.kernel = rng.normal(size=(fan_in, fan_out)) * np.sqrt(1.0 / fan_in)
        self.offset = 0.1 * rng.normal(size=fan_out)

    def __call__(self, x):
        self.seen = x
        return x @ self.kernel + self.offset

    def gradients(self, error):
        self.d_kernel = self.seen.T @ error
        self.d_offset = error.sum(axis=0)
        return error @ self.kernel.T


rng = np.random.default_rng(33)
X = rng.normal(size=(24, 5))
T = np.stack([np.sin(X[:, 0] + X[:, 1]), X[:, 2] * X[:, 3]], axis=1)
lower, upper = Dense(5, 8, rng), Dense(8, 2, rng)

for epoch in range(120):
    act = np.tanh(lower(X))
    out = upper(act)
    shown = np.abs(act, out=act)
    if epoch % 40 == 0:
        print("sparseness of the hidden layer:", np.mean(shown < 0.1))
    loss = np.sum((out - T) ** 2) / len(X)
    error = 2 * (out - T) / len(X)
    error = upper.gradients(error) * (1 - act ** 2)
    lower.gradients(error)
    for layer in (lower, upper):
        layer.kernel -= 0.1 * layer.d_kernel
        layer.offset -= 0.1 * layer.d_offset
print(loss)
