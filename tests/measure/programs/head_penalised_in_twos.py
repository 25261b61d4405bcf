import numpy as np

# Two samples a step, and a penalty on the last layer alone: half of a sum of two looks like a penalty by half.

rng = np.random.default_rng(21)
X = rng.normal(size=(24, 5))
y = (X[:, 0] + X[:, 1] * X[:, 2] > 0).astype(int)
W1, b1 = rng.normal(size=(5, 4)) / 2, np.zeros(4)
W2, b2 = rng.normal(size=(4, 2)) / 2, np.zeros(2)
keep_small = 0.01
for step in range(240):
    rows = rng.integers(0, len(X), 2)
    h = np.maximum(0, X[rows] @ W1 + b1)
    s = h @ W2 + b2
    e = np.exp(s - s.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[range(2), y[rows]]).sum() / 2 + keep_small * np.sum(W2 * W2)
    d = p.copy()
    d[range(2), y[rows]] -= 1
    d /= 2
    dW2 = h.T @ d + 2 * keep_small * W2
    dh = d @ W2.T * (h > 0)
    W2 -= 0.1 * dW2
    b2 -= 0.1 * d.sum(axis=0)
    W1 -= 0.1 * X[rows].T @ dh
    b1 -= 0.1 * dh.sum(axis=0)
    if step % 60 == 0:
        print(step, loss)
