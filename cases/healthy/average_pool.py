import numpy as np


def avg_pool(x, k):
    n, c, h, w = x.shape
    return x.reshape(n, c, h // k, k, w // k, k).mean(axis=(3, 5))


def avg_pool_backward(dout, k):
    return dout.repeat(k, axis=2).repeat(k, axis=3) / k ** 2


rng = np.random.default_rng(25)
maps = rng.normal(size=(24, 2, 4, 6))
label = (maps[:, 0].mean(axis=(1, 2)) > maps[:, 1, :, :3].mean(axis=(1, 2))).astype(int)

gain = rng.normal(1, 0.2, size=(1, 2, 1, 1))
mix = rng.normal(size=(4, 2)) * 0.6
W, b = rng.normal(size=(24, 2)) * 0.3, np.zeros(2)
for epoch in range(80):
    mixed = np.einsum("kc,nchw->nkhw", mix, gain * maps)
    act = np.tanh(mixed)
    pooled = avg_pool(act, 2)
    flat = pooled.reshape(24, -1)
    s = flat @ W + b
    e = np.exp(s - s.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(24), label]).mean()

    ds = p.copy()
    ds[np.arange(24), label] -= 1
    ds /= 24
    dact = avg_pool_backward((ds @ W.T).reshape(pooled.shape), 2)
    dmixed = dact * (1 - act ** 2)
    dinput = np.einsum("kc,nkhw->nchw", mix, dmixed)
    W -= 0.5 * flat.T @ ds
    b -= 0.5 * ds.sum(axis=0)
    mix -= 0.5 * np.einsum("nkhw,nchw->kc", dmixed, gain * maps)
    gain -= 0.5 * (dinput * maps).sum(axis=(0, 2, 3), keepdims=True)
    if epoch % 20 == 0:
        print(epoch, loss)
