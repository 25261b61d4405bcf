import numpy as np

# two hidden units and an unlucky start: it stays at 0.67, a flaw of the landscape and not of the gradient
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
y = np.array([[0], [1], [1], [0]], dtype=float)
start = np.random.RandomState(3)
W, b = start.randn(2, 2), 0.5 * start.randn(2)
V, c = start.randn(2, 1), np.zeros(1)

for step in range(1200):
    h = 1 / (1 + np.exp(-(X @ W + b)))
    p = 1 / (1 + np.exp(-(h @ V + c)))
    loss = np.mean((p - y) ** 2)
    d = 2 * (p - y) * p * (1 - p) / 4
    e = d @ V.T * h * (1 - h)
    V -= 2.0 * h.T @ d
    c -= 2.0 * d.sum(axis=0)
    W -= 2.0 * X.T @ e
    b -= 2.0 * e.sum(axis=0)
    if step % 400 == 0:
        print(step, round(loss, 4))
print(p.round(2).ravel())
