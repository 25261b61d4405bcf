import numpy as np

rng = np.random.default_rng(8)
points = rng.normal(size=(36, 5))
kinds = np.argmax(points[:, :3] + 0.3 * rng.normal(size=(36, 3)), axis=1)
wanted = np.eye(3)[kinds]

P, p = rng.normal(size=(5, 7)) * 0.5, np.zeros(7)
Q, q = rng.normal(size=(7, 7)) * 0.5, np.zeros(7)
R, r = rng.normal(size=(7, 3)) * 0.5, np.zeros(3)

for turn in range(150):
    s = np.tanh(points @ P + p)
    t = np.tanh(s @ Q + q)
    z = t @ R + r
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    cost = -np.sum(wanted * np.log(y)) / len(points)

    d3 = (y - wanted) * y * (1 - y) / len(points)  # <- unneeded-output-derivative
    d2 = (d3 @ R.T) * (1 - t ** 2)
    d1 = (d2 @ Q.T) * (1 - s ** 2)
    R -= 0.4 * t.T @ d3
    r -= 0.4 * d3.sum(axis=0)
    Q -= 0.4 * d2.T @ s  # <- transposed-gradient
    q -= 0.4 * d2.sum(axis=0)
    P -= 0.4 * points.T @ d1
    p += 0.4 * d1.sum(axis=0)  # <- gradient-ascent
