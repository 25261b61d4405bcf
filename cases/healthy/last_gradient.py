import math
import random

# Units that keep their own lists; the step adds a share of the gradient of the step before, not of its step.
random.seed(5)


class Unit:
    def __init__(self, n):
        self.weights = [random.uniform(-0.6, 0.6) for _ in range(n)]
        self.last = [0.0] * n

    def answer(self, inputs):
        self.inputs = inputs
        self.out = math.tanh(sum(w * x for w, x in zip(self.weights, inputs)))
        return self.out

    def learn(self, delta, rate=0.4, share=0.1):
        change = [rate * delta * x + share * c for x, c in zip(self.inputs, self.last)]
        self.weights = [w + c for w, c in zip(self.weights, change)]
        self.last = [delta * x for x in self.inputs]


hidden = [Unit(3) for _ in range(3)]
output = Unit(4)
samples = [([0, 0], -0.8), ([0, 1], 0.8), ([1, 0], 0.8), ([1, 1], -0.8)]

for epoch in range(600):
    total = 0.0
    for point, target in samples:
        h = [unit.answer([*point, 1.0]) for unit in hidden]
        o = output.answer([*h, 1.0])
        delta = (target - o) * (1 - o * o)
        deltas = [delta * w * (1 - a * a) for w, a in zip(output.weights, h)]
        output.learn(delta)
        for unit, d in zip(hidden, deltas):
            unit.learn(d)
        total += 0.5 * (target - o) ** 2
    if epoch % 200 == 0:
        print(epoch, total)
