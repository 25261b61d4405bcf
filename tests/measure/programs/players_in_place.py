import numpy as np

# Two networks in turn, both moved in place; what the second learns from depends on the first.


class Unit:
    def __init__(self, rng, n_in, n_mid):
        self.w, self.b = rng.normal(size=(n_in, n_mid)) * 0.5, np.zeros(n_mid)
        self.v, self.c = rng.normal(size=(n_mid, 1)) * 0.5, np.zeros(1)

    def __call__(self, x):
        self.x, self.h = x, np.tanh(x @ self.w + self.b)
        return self.h @ self.v + self.c

    def slopes(self, d):
        self.dz = d @ self.v.T * (1 - self.h**2)
        return self.x.T @ self.dz, self.dz.sum(axis=0), self.h.T @ d, d.sum(axis=0)

    def move(self, slopes, rate):
        for p, g in zip((self.w, self.b, self.v, self.c), slopes):
            p -= rate * g


rng = np.random.default_rng(12)
maker, judge = Unit(rng, 2, 6), Unit(rng, 1, 8)
for step in range(150):
    real, made = rng.normal(1.5, 0.4, size=(20, 1)), maker(rng.normal(size=(20, 2)))
    p = 1 / (1 + np.exp(-judge(real)))
    first = judge.slopes((p - 1) / 20)
    q = 1 / (1 + np.exp(-judge(made)))
    second = judge.slopes(q / 20)
    cost = -np.mean(np.log(p)) - np.mean(np.log(1 - q))
    judge.move([a + b for a, b in zip(first, second)], 0.05)
    q = 1 / (1 + np.exp(-judge(maker(rng.normal(size=(20, 2))))))
    price = -np.mean(np.log(q))
    judge.slopes((q - 1) / 20)
    maker.move(maker.slopes(judge.dz @ judge.w.T), 0.05)
    if step % 50 == 0:
        print(step, cost, price)
