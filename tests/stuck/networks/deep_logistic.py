import numpy as np

# nine logistic layers: nothing arrives at the first ones
rng = np.random.default_rng(15)
x = rng.normal(size=(24, 6))
t = (x[:, :1] > 0).astype(float)
widths = [6, *[6] * 9, 1]
W = [rng.normal(size=(m, n)) / np.sqrt(m) for m, n in zip(widths, widths[1:])]
b = [np.zeros(n) for n in widths[1:]]
for epoch in range(400):
    a = [x]
    for k in range(len(W)):
        a.append(1 / (1 + np.exp(-(a[-1] @ W[k] + b[k]))))  # <- vanishing-gradient
    loss = -np.mean(t * np.log(a[-1]) + (1 - t) * np.log(1 - a[-1]))
    delta = (a[-1] - t) / len(x)
    for k in reversed(range(len(W))):
        below = (delta @ W[k].T) * a[k] * (1 - a[k]) if k else None
        W[k] -= 0.5 * a[k].T @ delta
        b[k] -= 0.5 * delta.sum(axis=0)
        delta = below
print(loss)
