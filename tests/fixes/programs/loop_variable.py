import math, random
random.seed(0)
xs = [(-1.0, 0.5), (0.3, 0.8), (0.9, -0.4), (-0.2, -0.7)]
ts = [0.2, 0.9, 0.4, 0.1]
weights = [random.uniform(-1, 1) for _ in range(2)]
bias = [0.0]
rate = 0.3
for epoch in range(100):
    loss = 0.0
    for x, t in zip(xs, ts):
        z = weights[0] * x[0] + weights[1] * x[1] + bias[0]
        y = 1 / (1 + math.exp(-z))
        loss += 0.5 * (y - t) ** 2
        d = (y - t) * y * (1 - y)
        grads = [d * x[0], d * x[1]]
        for w, g in zip(weights, grads):
            w = w - rate * g
        bias[0] -= rate * d
print(loss)
