from math import exp
from random import Random

rnd = Random(33)
IN, HID, OUT = 3, 4, 2


def squash(s):
    return 1.0 / (1.0 + exp(-s))


def matrix(rows, cols):
    return [[rnd.uniform(-1.0, 1.0) for _ in range(cols)] for _ in range(rows)]


wi, bi = matrix(HID, IN), [rnd.uniform(-0.5, 0.5) for _ in range(HID)]
wo, bo = matrix(OUT, HID), [rnd.uniform(-0.5, 0.5) for _ in range(OUT)]

patterns = []
for a in (0.1, 0.9):
    for b in (0.2, 0.8):
        for c in (0.0, 1.0):
            patterns.append(([a, b, c], [0.9 if a > b else 0.2, 0.7 * c + 0.1]))

for sweep in range(100):
    error = 0.0
    for x, t in patterns:
        h = [squash(sum(wi[j][i] * x[i] for i in range(IN)) + bi[j]) for j in range(HID)]
        o = [squash(sum(wo[k][j] * h[j] for j in range(HID)) + bo[k]) for k in range(OUT)]
        e = [t[k] - o[k] for k in range(OUT)]
        error += 0.5 * sum(v * v for v in e)
        d_out = [e[k] * o[k] * (1 - o[k]) for k in range(OUT)]
        e_hid = [sum(d_out[k] * wo[k][j] for k in range(OUT)) for j in range(HID)]
        d_hid = [e_hid[j] * h[j] * (1 - h[j]) for j in range(HID)]
        for k in range(OUT):
            for j in range(HID):
                wo[k][j] += 0.4 * d_out[k] * h[j]
            bo[k] += 0.4 * d_out[k]
        for j in range(HID):
            for i in range(IN):
                wi[j][i] += 0.4 * d_hid[j] * x[i]
            bi[j] += 0.4 * d_hid[j]
    if sweep % 25 == 0:
        print("sweep", sweep, "error", round(error, 5))
