import numpy as np

# Noise that fades is added to every gradient before Adam's moments; absolute errors.

rng = np.random.default_rng(31)
x = rng.uniform(-2, 2, (160, 2))
t = np.cos(2 * x[:, :1]) + 0.5 * x[:, 1:]
sizes = (2, 20, 20, 1)
weights = [w for m, n in zip(sizes, sizes[1:]) for w in (rng.normal(size=(m, n)) / np.sqrt(m), np.zeros(n))]
mean, square = [0 * w for w in weights], [0 * w for w in weights]
for k in range(1, 201):
    rows = rng.integers(0, 160, 48)
    hidden = [x[rows]]
    for w, b in zip(weights[:-2:2], weights[1:-2:2]):
        hidden.append(np.tanh(hidden[-1] @ w + b))
    off = hidden[-1] @ weights[-2] + weights[-1] - t[rows]
    loss = np.mean(np.abs(off))
    d = np.sign(off) / len(rows)
    found = []
    for layer in (2, 1, 0):
        found[:0] = [hidden[layer].T @ d, d.sum(axis=0)]
        d = d @ weights[2 * layer].T * (1 - hidden[layer] ** 2)
    for w, g, m, s in zip(weights, found, mean, square):
        g = g + 0.002 / k**0.5 * rng.normal(size=g.shape)
        m += 0.1 * (g - m)
        s += 0.01 * (g * g - s)
        w -= 0.01 * np.sqrt(1 - 0.99**k) / (1 - 0.9**k) * m / (np.sqrt(s) + 1e-8)
print(loss)
