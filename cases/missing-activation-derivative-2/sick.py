import math
import random

random.seed(4)

# binary code of the numbers 0..7 -> three target curves, plain Python
samples = []
for n in range(8):
    bits = [float(n >> k & 1) for k in range(3)]
    samples.append((bits, [math.tanh(math.sin(n)), math.tanh(0.3 * n - 1.0)]))

w_hidden = [[random.uniform(-1, 1) for _ in range(3)] for _ in range(4)]
b_hidden = [random.uniform(-0.5, 0.5) for _ in range(4)]
w_output = [[random.uniform(-1, 1) for _ in range(4)] for _ in range(2)]
b_output = [random.uniform(-0.5, 0.5) for _ in range(2)]


def dot(u, v):
    return sum(a * b for a, b in zip(u, v))


for epoch in range(60):
    total = 0.0
    for x, target in samples:
        hidden = [math.tanh(dot(w, x) + b) for w, b in zip(w_hidden, b_hidden)]
        output = [math.tanh(dot(w, hidden) + b) for w, b in zip(w_output, b_output)]
        total += 0.5 * sum((t - o) ** 2 for t, o in zip(target, output))

        d_output = [o - t for t, o in zip(target, output)]
        d_hidden = []
        for j in range(4):
            back = sum(d_output[k] * w_output[k][j] for k in range(2))
            d_hidden.append(back * (1 - hidden[j] ** 2))

        for k in range(2):
            for j in range(4):
                w_output[k][j] -= 0.3 * d_output[k] * hidden[j]
            b_output[k] -= 0.3 * d_output[k]
        for j in range(4):
            for i in range(3):
                w_hidden[j][i] -= 0.3 * d_hidden[j] * x[i]
            b_hidden[j] -= 0.3 * d_hidden[j]
    if epoch % 20 == 0:
        print(epoch, round(total, 5))
