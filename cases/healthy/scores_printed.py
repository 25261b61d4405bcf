"""Error measures and scores are printed beside a gradient that is right for the squared error; none is its loss.

Nothing is wrong here: a coefficient of determination is to be climbed, and what is climbed is stepped towards.
"""

import numpy as np


class Yield:
    """Tons of a field from rain, sun and soil."""

    def __init__(self, width, seed):
        rng = np.random.default_rng(seed)
        self.inner = rng.normal(size=(3, width)) / 2
        self.start = 0.1 * rng.normal(size=width)
        self.outer = rng.normal(size=(width, 1)) / 2
        self.shift = np.zeros(1)

    def answer(self, field):
        self.field = field
        self.hidden = np.tanh(field @ self.inner + self.start)
        return self.hidden @ self.outer + self.shift

    def learn(self, error, rate):
        below = error @ self.outer.T * (1 - self.hidden**2)
        self.outer -= rate * self.hidden.T @ error
        self.shift -= rate * error.sum(axis=0)
        self.inner -= rate * self.field.T @ below
        self.start -= rate * below.sum(axis=0)


def determination(y, t):
    return 1 - np.sum((t - y) ** 2) / np.sum((t - t.mean()) ** 2)


rng = np.random.default_rng(7)
fields = rng.uniform(-1, 1, size=(48, 3))
tons = 2 + fields[:, :1] * fields[:, 1:2] + 0.5 * fields[:, 2:]
net = Yield(8, 3)
for season in range(200):
    y = net.answer(fields)
    r2 = determination(y, tons)
    off = np.mean(np.abs(y - tons))
    share = np.mean(np.abs((y - tons) / tons))
    worst = np.max(np.abs(y - tons))
    net.learn((y - tons) / len(fields), 0.2)
    if season % 50 == 0:
        print(f"{season}: r2 {r2:.3f}, off by {off:.3f} t, {share:.1%}, at worst {worst:.3f} t")
