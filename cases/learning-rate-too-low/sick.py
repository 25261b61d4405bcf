import numpy as np


class Perceptron:
    """Multi-layer perceptron with one hidden layer, trained on the whole set at once."""

    def __init__(self, sizes, eta=1e-7, n_iter=400, seed=1):
        self.eta = eta
        self.n_iter = n_iter
        rgen = np.random.RandomState(seed)
        self.w_h = rgen.normal(scale=1.0, size=(sizes[0], sizes[1]))
        self.b_h = np.zeros(sizes[1])
        self.w_out = rgen.normal(scale=1.0, size=(sizes[1], sizes[2]))
        self.b_out = np.zeros(sizes[2])
        self.cost_ = []

    @staticmethod
    def _sigmoid(z):
        return 1. / (1. + np.exp(-np.clip(z, -250, 250)))

    def _forward(self, X):
        a_h = self._sigmoid(X.dot(self.w_h) + self.b_h)
        a_out = self._sigmoid(a_h.dot(self.w_out) + self.b_out)
        return a_h, a_out

    def fit(self, X, y):
        for i in range(self.n_iter):
            a_h, a_out = self._forward(X)
            cost = np.mean(-y * np.log(a_out) - (1. - y) * np.log(1. - a_out))
            self.cost_.append(cost)

            delta_out = (a_out - y) / len(X)
            delta_h = delta_out.dot(self.w_out.T) * a_h * (1. - a_h)
            self.w_h -= self.eta * X.T.dot(delta_h)
            self.b_h -= self.eta * delta_h.sum(axis=0)
            self.w_out -= self.eta * a_h.T.dot(delta_out)
            self.b_out -= self.eta * delta_out.sum(axis=0)
        return self


# two half moons
rgen = np.random.RandomState(7)
angle = rgen.uniform(0, np.pi, size=60)
moons = np.r_[np.c_[np.cos(angle[:30]), np.sin(angle[:30])], np.c_[1 - np.cos(angle[30:]), 0.4 - np.sin(angle[30:])]]
moons += rgen.normal(scale=0.1, size=moons.shape)
label = np.r_[np.zeros(30), np.ones(30)][:, None]

ppn = Perceptron([2, 8, 1]).fit(moons, label)
for i in range(0, 400, 80):
    print("epoch", i, "cost", ppn.cost_[i])
