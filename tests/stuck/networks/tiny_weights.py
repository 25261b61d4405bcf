import numpy as np

# parity of two bits; the weights are drawn a thousand times too small
random = np.random.RandomState(4)
bits = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
parity = np.array([[0], [1], [1], [0]], dtype=float)
V = random.randn(2, 5) * 0.001  # <- initialisation-scale
v = np.zeros(5)
U = random.randn(5, 1) * 0.001
u = np.zeros(1)
for it in range(1200):
    a = 1 / (1 + np.exp(-(bits @ V + v)))
    q = 1 / (1 + np.exp(-(a @ U + u)))
    mse = 0.5 * np.mean((q - parity) ** 2)
    gq = (q - parity) / 4 * q * (1 - q)
    ga = gq @ U.T * a * (1 - a)
    U -= 2.0 * a.T @ gq
    u -= 2.0 * gq.sum(axis=0)
    V -= 2.0 * bits.T @ ga
    v -= 2.0 * ga.sum(axis=0)
print(mse, q.ravel())
