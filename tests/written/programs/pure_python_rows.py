import math
import random

random.seed(5)


def sig(z):
    return 1.0 / (1.0 + math.exp(-z))


def zeros(rows, cols):
    return [[0.0] * cols for _ in range(rows)]


n_in, n_hid, n_out = 2, 4, 2
w1 = [[random.uniform(-1.5, 1.5) for _ in range(n_in)] for _ in range(n_hid)]
b1 = [random.uniform(-0.5, 0.5) for _ in range(n_hid)]
w2 = [[random.uniform(-1.5, 1.5) for _ in range(n_hid)] for _ in range(n_out)]
b2 = [0.0] * n_out
samples = [([0.1, 0.9], [1, 0]), ([0.8, 0.2], [1, 0]), ([0.9, 0.8], [0, 1]),
           ([0.2, 0.1], [0, 1]), ([0.3, 0.7], [1, 0]), ([0.6, 0.9], [0, 1])]


def run(x):
    h = [sig(sum(w * v for w, v in zip(row, x)) + b) for row, b in zip(w1, b1)]
    o = [sig(sum(w * v for w, v in zip(row, h)) + b) for row, b in zip(w2, b2)]
    return h, o


def cost():
    return sum(0.5 * (oi - ti) ** 2 for x, t in samples for oi, ti in zip(run(x)[1], t))


def batch_gradient():
    g1, g2 = zeros(n_hid, n_in), zeros(n_out, n_hid)
    gb1, gb2 = [0.0] * n_hid, [0.0] * n_out
    for x, t in samples:
        h, o = run(x)
        do = [(oi - ti) * oi * (1 - oi) for oi, ti in zip(o, t)]
        dh = [sum(do[k] * w2[k][j] for k in range(n_out)) * h[j] * (1 - h[j]) for j in range(n_hid)]
        for k in range(n_out):
            gb2[k] += do[k]
            for j in range(n_hid):
                g2[k][j] += do[k] * h[j]
        for j in range(n_hid):
            gb1[j] += dh[j]
            for i in range(n_in):
                g1[j][i] += dh[j] * x[i]
    return g1, gb1, g2, gb2


def descend(rate):
    g1, gb1, g2, gb2 = batch_gradient()
    for w, b, g, gb in ((w1, b1, g1, gb1), (w2, b2, g2, gb2)):
        for r in range(len(w)):
            b[r] -= rate * gb[r]
            for c in range(len(w[r])):
                w[r][c] -= rate * g[r][c]


if __name__ == "__main__":
    for epoch in range(3000):
        descend(0.8)
        if epoch % 1000 == 0:
            print(epoch, cost())
    print("cost", cost())
    for x, t in samples:
        print(x, t, [round(v, 3) for v in run(x)[1]])
