import numpy as np

# PPO: several steps against the probabilities from before them, which are constants.

rng = np.random.default_rng(40)
W = np.zeros((3, 4))
M = rng.normal(size=(3, 4))
for it in range(40):
    x = rng.normal(size=(64, 3))
    z = x @ W
    p = np.exp(z - z.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    a = np.array([rng.choice(4, p=q) for q in p])
    k = np.arange(64)
    r = (x @ M)[k, a]
    adv = (r - r.mean()) / r.std()
    old = p[k, a].copy()
    for _ in range(4):
        z = x @ W
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        ratio = p[k, a] / old
        loss = -np.minimum(ratio * adv, np.clip(ratio, 0.8, 1.2) * adv).mean()
        on = ratio * adv <= np.clip(ratio, 0.8, 1.2) * adv
        dr = -adv * on / 64
        dz = -(dr * ratio)[:, None] * p
        dz[k, a] += dr * ratio
        W -= 0.5 * x.T @ dz
    if it % 10 == 0:
        print(it, r.mean(), loss)
