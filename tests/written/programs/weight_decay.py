import numpy as np


class MLP(object):
    def __init__(self, layout, eta=0.1, decay=0.01, seed=2):
        rs = np.random.RandomState(seed)
        self.W = [rs.uniform(-1, 1, (j, i)) * np.sqrt(3.0 / i) for i, j in zip(layout[:-1], layout[1:])]
        self.B = [rs.uniform(-0.1, 0.1, j) for j in layout[1:]]
        self.eta, self.decay = eta, decay

    def feed(self, x):
        self.o = [x]
        for w, b in zip(self.W, self.B):
            self.o.append(np.tanh(w.dot(self.o[-1]) + b))
        return self.o[-1]

    def objective(self, x, t):
        penalty = 0.5 * self.decay * sum((w ** 2).sum() for w in self.W)
        return 0.5 * ((t - self.feed(x)) ** 2).sum() + penalty

    def learn(self, x, t):
        error = t - self.feed(x)
        delta = error * (1 - self.o[-1] ** 2)
        for i in reversed(range(len(self.W))):
            grad = np.outer(delta, self.o[i])
            back = self.W[i].T.dot(delta) * (1 - self.o[i] ** 2)
            self.W[i] += self.eta * (grad - self.decay * self.W[i])
            self.B[i] += self.eta * delta
            delta = back


rs = np.random.RandomState(0)
inputs = rs.uniform(-1, 1, (30, 2))
targets = np.stack([0.7 * np.sin(2 * inputs[:, 0]), inputs[:, 0] * inputs[:, 1]], axis=1)
net = MLP([2, 6, 4, 2], eta=0.1, decay=0.002)

if __name__ == "__main__":
    for epoch in range(100):
        for n in rs.permutation(len(inputs)):
            net.learn(inputs[n], targets[n])
        if epoch % 25 == 0 or epoch == 99:
            print(epoch, np.mean([net.objective(x, t) for x, t in zip(inputs, targets)]))
