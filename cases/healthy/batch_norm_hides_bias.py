import numpy as np

# the mean is subtracted after the bias is added, so the bias has gradient 0, truly
rng = np.random.default_rng(50)
x = rng.normal(size=(16, 3))
t = np.column_stack([x[:, 0] * x[:, 1], np.sin(x[:, 2])])
W, b = rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5)
gamma, beta = np.ones(5) + 0.1 * rng.normal(size=5), 0.1 * rng.normal(size=5)
V, c = rng.normal(size=(5, 2)), np.zeros(2)
eps = 1e-5

for step in range(100):
    z = x @ W + b
    mean, var = z.mean(axis=0), z.var(axis=0)
    std = np.sqrt(var + eps)
    z_hat = (z - mean) / std
    h = np.tanh(gamma * z_hat + beta)
    y = h @ V + c
    loss = np.sum((y - t) ** 2) / len(x)

    dy = 2 * (y - t) / len(x)
    dh = dy @ V.T * (1 - h ** 2)
    dz_hat = dh * gamma
    dz = (dz_hat - dz_hat.mean(axis=0) - z_hat * (dz_hat * z_hat).mean(axis=0)) / std
    V -= 0.1 * h.T @ dy
    c -= 0.1 * dy.sum(axis=0)
    gamma -= 0.1 * (dh * z_hat).sum(axis=0)
    beta -= 0.1 * dh.sum(axis=0)
    W -= 0.1 * x.T @ dz
    b -= 0.1 * dz.sum(axis=0)
    if step % 25 == 0:
        print(step, loss)
