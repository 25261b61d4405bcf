import numpy as np

# One array for the slopes and the intercept, each moved by a statement of its own; the sum of squares is halved where
# it is noted down.

rng = np.random.default_rng(47)
x = rng.normal(size=(60, 3))
t = np.where(x @ np.array([1.0, -0.5, 0.8]) + 0.2 * rng.normal(size=60) > 0, 1.0, -1.0)


class Adaline:
    def __init__(self, rate, rounds):
        self.rate, self.rounds = rate, rounds

    def fit(self, x, t):
        self.w = np.zeros(1 + x.shape[1])
        self.costs = []
        for _ in range(self.rounds):
            error = t - (x @ self.w[1:] + self.w[0])
            self.w[1:] += self.rate * x.T @ error
            self.w[0] += self.rate * error.sum()
            self.costs.append((error**2).sum() / 2)
        return self


print(Adaline(0.004, 40).fit(x, t).costs[-1])
