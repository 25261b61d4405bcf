from math import exp
from random import Random

rnd = Random(21)
examples = [([a / 3, b / 3, 1.0], 0.2 + 0.6 * ((a * b) % 3 == 1)) for a in range(3) for b in range(3)]
w = [[rnd.uniform(-1, 1) for _ in range(3)] for _ in range(4)]
v = [rnd.uniform(-1, 1) for _ in range(4)]


def f(s):
    return 1 / (1 + exp(-s))


for epoch in range(200):
    total = 0.0
    for x, t in examples:
        h = [f(sum(wi * xi for wi, xi in zip(row, x))) for row in w]
        y = f(sum(vj * hj for vj, hj in zip(v, h)))
        total += 0.5 * (t - y) ** 2
        d = (t - y) * y * (1 - y)
        back = [d * vj * hj * (1 - hj) for vj, hj in zip(v, h)]
        for j in range(4):
            v[j] += 0.3 * d * h[j]
            for i in range(3):
                w[j][i] += 0.3 * back[j] * x[i]
    if epoch % 50 == 0:
        print(epoch, total)
