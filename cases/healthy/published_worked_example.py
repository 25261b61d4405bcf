"""The well-known 2-2-2 example with numbers: one sample, logistic units, biases not trained."""
from math import exp

sample, target = [0.05, 0.10], [0.01, 0.99]
weights = [
    [[0.15, 0.20], [0.25, 0.30]],
    [[0.40, 0.45], [0.50, 0.55]],
]
biases = [0.35, 0.60]
rate = 0.5


def layer(values, matrix, bias):
    nets = [sum(w * v for w, v in zip(row, values)) + bias for row in matrix]
    return [1.0 / (1.0 + exp(-net)) for net in nets]


first_error, w5 = None, None
for turn in range(1000):
    hidden = layer(sample, weights[0], biases[0])
    out = layer(hidden, weights[1], biases[1])
    error = sum(0.5 * (t - o) ** 2 for t, o in zip(target, out))

    slope_out = [-(t - o) * o * (1 - o) for t, o in zip(target, out)]
    slope_hidden = []
    for j, h in enumerate(hidden):
        from_above = sum(slope_out[k] * weights[1][k][j] for k in range(2))
        slope_hidden.append(from_above * h * (1 - h))

    for k in range(2):
        for j in range(2):
            weights[1][k][j] -= rate * slope_out[k] * hidden[j]
    for j in range(2):
        for i in range(2):
            weights[0][j][i] -= rate * slope_hidden[j] * sample[i]
    if turn == 0:
        first_error, w5 = error, weights[1][0][0]

print("error before training", round(first_error, 9))
print("w5 after one step", round(w5, 8))
print("error after", turn + 1, "steps", error)
