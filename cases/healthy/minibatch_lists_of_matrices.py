import random

import numpy as np


class MiniBatchNetwork:
    """Column vectors one at a time; gradients of a batch collected in lists of matrices."""

    def __init__(self, sizes):
        self.depth = len(sizes)
        self.biases = [np.random.randn(n, 1) for n in sizes[1:]]
        self.weights = [np.random.randn(n, m) / np.sqrt(m) for m, n in zip(sizes[:-1], sizes[1:])]

    def output(self, a):
        for w, b in zip(self.weights, self.biases):
            a = logistic(w @ a + b)
        return a

    def learn(self, pairs, epochs, batch_size, rate):
        for epoch in range(epochs):
            random.shuffle(pairs)
            for start in range(0, len(pairs), batch_size):
                self.update_from(pairs[start:start + batch_size], rate)
            if epoch % 20 == 0:
                print("epoch", epoch, "right", self.count_right(pairs), "of", len(pairs))

    def update_from(self, batch, rate):
        sum_w = [np.zeros_like(w) for w in self.weights]
        sum_b = [np.zeros_like(b) for b in self.biases]
        for x, y in batch:
            grads_w, grads_b = self.gradients(x, y)
            sum_w = [s + g for s, g in zip(sum_w, grads_w)]
            sum_b = [s + g for s, g in zip(sum_b, grads_b)]
        self.weights = [w - rate / len(batch) * s for w, s in zip(self.weights, sum_w)]
        self.biases = [b - rate / len(batch) * s for b, s in zip(self.biases, sum_b)]

    def gradients(self, x, y):
        inputs, nets, a = [x], [], x
        for w, b in zip(self.weights, self.biases):
            nets.append(w @ a + b)
            a = logistic(nets[-1])
            inputs.append(a)
        grads_w, grads_b = [None] * (self.depth - 1), [None] * (self.depth - 1)
        delta = (a - y) * logistic_prime(nets[-1])
        for i in range(1, self.depth):
            if i > 1:
                delta = (self.weights[-i + 1].T @ delta) * logistic_prime(nets[-i])
            grads_b[-i] = delta
            grads_w[-i] = delta @ inputs[-i - 1].T
        return grads_w, grads_b

    def count_right(self, pairs):
        return sum(int(np.argmax(self.output(x)) == np.argmax(y)) for x, y in pairs)


def logistic(z):
    return 1.0 / (1.0 + np.exp(-z))


def logistic_prime(z):
    return logistic(z) * (1 - logistic(z))


random.seed(2)
np.random.seed(2)
pairs = []
for _ in range(30):
    x = np.random.uniform(-1, 1, size=(3, 1))
    inside = float(np.sum(x ** 2) < 0.9)
    pairs.append((x, np.array([[inside], [1 - inside]])))
net = MiniBatchNetwork([3, 6, 2])
net.learn(pairs, 100, 5, 2.0)
