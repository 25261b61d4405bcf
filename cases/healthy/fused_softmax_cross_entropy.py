import numpy as np


def log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def value_and_grad(p, x, labels):
    """Mean cross-entropy and its gradient; the softmax and the logarithm are differentiated as one."""
    n = len(labels)
    h = 1 / (1 + np.exp(-(x @ p["w1"] + p["b1"])))
    logp = log_softmax(h @ p["w2"] + p["b2"])
    loss = -logp[np.arange(n), labels].mean()
    dz = np.exp(logp)
    dz[np.arange(n), labels] -= 1
    dz /= n
    dh = dz @ p["w2"].T * h * (1 - h)
    return loss, {"w1": x.T @ dh, "b1": dh.sum(0), "w2": h.T @ dz, "b2": dz.sum(0)}


rng = np.random.default_rng(38)
x = rng.uniform(-1, 1, size=(30, 2))
labels = (x[:, 0] > 0).astype(int) + 2 * (x[:, 1] > 0)
params = {"w1": 2 * rng.normal(size=(2, 7)), "b1": rng.normal(size=7), "w2": rng.normal(size=(7, 4)), "b2": np.zeros(4)}
for i in range(300):
    loss, grads = value_and_grad(params, x, labels)
    for k in grads:
        params[k] = params[k] - 0.5 * grads[k]
    if i % 100 == 0:
        print(i, loss)
