import math
import random

# A tape of numbers: every entry knows where its operands stand, and all adjoints begin as one and the same zero.

random.seed(17)


class Record:
    def __init__(self):
        self.sources = []

    def note(self, *sources):
        self.sources.append(sources)
        return len(self.sources) - 1


class Entry:
    def __init__(self, record, value, *sources):
        self.record, self.value, self.place = record, value, record.note(*sources)

    def __add__(self, other):
        return Entry(self.record, self.value + other.value, (self.place, 1.0), (other.place, 1.0))

    def __sub__(self, other):
        return Entry(self.record, self.value - other.value, (self.place, 1.0), (other.place, -1.0))

    def __mul__(self, other):
        return Entry(self.record, self.value * other.value, (self.place, other.value), (other.place, self.value))

    def bend(self):
        y = math.tanh(self.value)
        return Entry(self.record, y, (self.place, 1 - y * y))

    def adjoints(self):
        total = [0.0] * len(self.record.sources)
        total[self.place] = 1.0
        for at in range(self.place, -1, -1):
            for source, slope in self.record.sources[at]:
                total[source] += slope * total[at]
        return total


numbers = [random.gauss(0, 0.6) for _ in range(17)]
pairs = [(random.uniform(-1, 1), random.uniform(-1, 1)) for _ in range(20)]
for epoch in range(8):
    record = Record()
    w = [Entry(record, v) for v in numbers]
    loss = Entry(record, 0.0)
    for a, b in pairs:
        x, y, t = Entry(record, a), Entry(record, b), Entry(record, a * b)
        out = w[16]
        for k in range(4):
            out = out + w[12 + k] * (w[3 * k] * x + w[3 * k + 1] * y + w[3 * k + 2]).bend()
        loss = loss + (out - t) * (out - t)
    bar = loss.adjoints()
    numbers = [v - 0.01 * bar[e.place] for v, e in zip(numbers, w)]
    print(epoch, loss.value)
