import numpy as np


class WeightClassifier:
    """Logistic unit on raw body measurements (cm, kg)."""

    def __init__(self, rng):
        self.w = np.array([0.5, 0.4]) + 0.01 * rng.normal(size=2)
        self.b = 0.0

    def probability(self, data):
        self.z = data @ self.w + self.b
        return 1.0 / (1.0 + np.exp(-self.z))

    def cost(self, p, y):
        return np.mean(np.logaddexp(0.0, self.z) - y * self.z)

    def fit_once(self, data, y, rate):
        p = self.probability(data)
        cost = self.cost(p, y)
        error = (p - y) / len(y)
        self.w = self.w - rate * data.T @ error
        self.b = self.b - rate * error.sum()
        return cost


rng = np.random.default_rng(20)
boy = (np.arange(30) % 2).astype(float)
height = 152 + 9 * boy + rng.normal(0, 5, 30)
weight = 44 + 8 * boy + rng.normal(0, 5, 30)
data = np.column_stack([height, weight])
clf = WeightClassifier(np.random.default_rng(1))
for epoch in range(50):
    cost = clf.fit_once(data, boy, 1e-6)
    if epoch % 10 == 0:
        print("epoch", epoch, "cost", cost)
