import numpy as np

# Max-pooling behind a ReLU: in most windows several entries are 0, and tie.
rng = np.random.RandomState(6)
drawings = rng.rand(30, 6, 6) ** 3
filled = drawings.mean(axis=(1, 2)) > 0.25
left = drawings[:, :, :3].sum(axis=(1, 2)) > drawings[:, :, 3:].sum(axis=(1, 2))
y = np.stack([filled, left], axis=1).astype(float)

kernels = rng.randn(5, 3, 3) * 0.4
shift = np.zeros(5)
weights = rng.randn(20, 2) * 0.3
bias = np.zeros(2)


def patches(x):
    return np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(1, 2))


for epoch in range(60):
    z = np.einsum("nijpq,kpq->nkij", patches(drawings), kernels) + shift[:, None, None]
    r = np.maximum(z, 0)
    windows = r.reshape(30, 5, 2, 2, 2, 2)
    pooled = windows.max(axis=(3, 5))
    flat = pooled.reshape(30, -1)
    p = 1 / (1 + np.exp(-(flat @ weights + bias)))
    loss = -np.mean(np.sum(y * np.log(p) + (1 - y) * np.log(1 - p), axis=1))

    d = (p - y) / 30
    d_pooled = (d @ weights.T).reshape(pooled.shape)
    winners = windows == pooled[:, :, :, None, :, None]
    d_r = (winners * d_pooled[:, :, :, None, :, None]).reshape(r.shape)
    d_z = d_r * (z > 0)
    weights -= 0.3 * flat.T @ d
    bias -= 0.3 * d.sum(axis=0)
    kernels -= 0.3 * np.einsum("nijpq,nkij->kpq", patches(drawings), d_z)
    shift -= 0.3 * d_z.sum(axis=(0, 2, 3))
    if epoch % 15 == 0:
        print(epoch, round(loss, 4))
