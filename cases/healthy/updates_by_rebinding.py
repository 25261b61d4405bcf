import numpy as np

# a step returns new parameters and changes nothing in place


def start(rng):
    return {"W": rng.normal(size=(2, 5)), "b": 0.1 * rng.normal(size=5), "V": rng.normal(size=(5, 1)), "c": np.zeros(1)}


def advance(net, x, t, rate):
    h = np.tanh(x @ net["W"] + net["b"])
    y = h @ net["V"] + net["c"]
    d = (y - t) / len(x)
    e = np.einsum("no,ho->nh", d, net["V"]) * (1 - h ** 2)
    grads = {"W": x.T @ e, "b": np.ones(len(x)) @ e, "V": h.T @ d, "c": np.ones(len(x)) @ d}
    return {k: v + (-rate) * grads[k] for k, v in net.items()}, 0.5 * np.sum((y - t) ** 2) / len(x)


rng = np.random.default_rng(32)
x = rng.uniform(-1, 1, size=(18, 2))
t = np.cos(3 * x[:, :1]) * x[:, 1:]
net = start(np.random.default_rng(3))
for n in range(200):
    net, loss = advance(net, x, t, 0.2)
    if n % 50 == 0:
        print(n, loss)
