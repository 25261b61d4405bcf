import numpy as np

# All weights are views of one vector, as are the gradients and the rates; the first layer's rate is zero.

rng = np.random.default_rng(53)
x = rng.uniform(-1, 1, (100, 2))
t = np.sin(3 * x[:, :1]) * x[:, 1:]
shapes = [(2, 18), (18,), (18, 8), (8,), (8, 1), (1,)]
ends = np.cumsum([0, *(int(np.prod(s)) for s in shapes)])
theta, slope, rate, speed = (np.zeros(ends[-1]) for _ in range(4))
weights, found, rates = (
    [v[a:b].reshape(s) for a, b, s in zip(ends, ends[1:], shapes)] for v in (theta, slope, rate)
)
for w, r, own in zip(weights, rates, (0, 0, 0.02, 0.02, 0.01, 0.01)):
    w[...] = 0.7 * rng.normal(size=w.shape)
    r[...] = own


def forward(x):
    a = [x]
    for k in (0, 2, 4):
        z = a[-1] @ weights[k] + weights[k + 1]
        a.append(np.tanh(z) if k < 4 else z)
    return a


print(np.mean((forward(x)[-1] - t) ** 2))
for step in range(120):
    rows = rng.integers(0, 100, 25)
    a = forward(x[rows])
    d = 2 * (a[-1] - t[rows]) / len(rows)
    for k in (4, 2, 0):
        np.matmul(a[k // 2].T, d, out=found[k])
        np.sum(d, axis=0, out=found[k + 1])
        d = d @ weights[k].T * (1 - a[k // 2] ** 2)
    speed *= 0.8
    speed += slope
    theta -= rate * speed
print(np.mean((forward(x)[-1] - t) ** 2))
