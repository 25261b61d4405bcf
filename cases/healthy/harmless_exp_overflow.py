import numpy as np

# exp(-z) overflows to inf for the far points, and 1 / (1 + inf) = 0 is the right answer
rng = np.random.default_rng(9)
x = np.vstack([rng.normal(size=(14, 2)), [[900.0, 100.0], [-850.0, 40.0]]])
t = (x @ np.array([1.0, -0.5]) > 0).astype(float)
w, b = np.array([1.0, 0.1]), np.zeros(1)

for step in range(100):
    with np.errstate(over="ignore"):
        p = 1 / (1 + np.exp(-(x @ w + b)))
    loss = 0.5 * np.sum((p - t) ** 2)
    d = (p - t) * p * (1 - p)
    w -= 1e-4 * x.T @ d
    b -= 1e-4 * d.sum()
    if step % 25 == 0:
        print(step, loss)
