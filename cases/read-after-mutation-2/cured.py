import numpy as np

# dropout by hand, drawn once per step; the clean activations are monitored at the end
rng = np.random.default_rng(19)
x = rng.normal(size=(16, 3))
t = np.sin(x[:, :1]) + x[:, 1:2]

w = rng.normal(size=(3, 8)) / np.sqrt(3)
b = 0.1 * rng.normal(size=8)
v = rng.normal(size=(8, 1)) / np.sqrt(8)
c = np.zeros(1)
keep = 0.8

for step in range(120):
    clean = np.tanh(x @ w + b)
    mask = (rng.random(clean.shape) < keep) / keep
    dropped = clean.copy()
    dropped *= mask
    y = dropped @ v + c
    loss = np.mean((y - t) ** 2)

    dy = 2 * (y - t) / len(x)
    dz = (dy @ v.T) * mask * (1 - clean ** 2)
    dv = dropped.T @ dy
    dc = dy.sum(axis=0)
    dw = x.T @ dz
    db = dz.sum(axis=0)
    v -= 0.1 * dv
    c -= 0.1 * dc
    w -= 0.1 * dw
    b -= 0.1 * db
    if step % 30 == 0:
        print(f"{step:3d} loss {loss:.4f} mean activation {np.abs(clean).mean():.3f}")
