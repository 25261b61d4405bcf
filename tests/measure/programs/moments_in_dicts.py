import numpy as np

# Batch normalisation before every rectifier makes the biases idle; each array's moments lie in a dict of its own that
# begins with plain zeros.

rng = np.random.default_rng(23)
points = rng.normal(size=(90, 4))
kind = (points[:, 0] > 0).astype(int) + (points[:, 1] * points[:, 2] > 0.3)
weights = {
    "A": 0.5 * rng.normal(size=(4, 9)), "a": np.zeros(9), "scale": np.ones(9), "shift": np.zeros(9),
    "B": 0.5 * rng.normal(size=(9, 3)), "b": np.zeros(3),
}  # fmt: skip
kept = {name: {"rate": 0.01, "count": 0, "mean": 0, "square": 0} for name in weights}


def adam(w, g, own):
    own["count"] += 1
    own["mean"] = 0.9 * own["mean"] + 0.1 * g
    own["square"] = 0.999 * own["square"] + 0.001 * g**2
    mean = own["mean"] / (1 - 0.9 ** own["count"])
    square = own["square"] / (1 - 0.999 ** own["count"])
    return w - own["rate"] * mean / (np.sqrt(square) + 1e-8), own


def slopes(x, label):
    z = x @ weights["A"] + weights["a"]
    spread = 1 / np.sqrt(z.var(axis=0) + 1e-5)
    even = (z - z.mean(axis=0)) * spread
    h = weights["scale"] * even + weights["shift"]
    r = np.maximum(h, 0)
    s = r @ weights["B"] + weights["b"]
    s = s - s.max(axis=1, keepdims=True)
    logs = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    n = len(x)
    loss = -logs[np.arange(n), label].mean()
    d = np.exp(logs)
    d[np.arange(n), label] -= 1
    d /= n
    dh = d @ weights["B"].T * (h > 0)
    shift, scale = dh.sum(axis=0), (dh * even).sum(axis=0)
    dz = weights["scale"] * spread / n * (n * dh - shift - even * scale)
    return loss, {
        "A": x.T @ dz, "a": dz.sum(axis=0), "scale": scale, "shift": shift, "B": r.T @ d, "b": d.sum(axis=0),
    }  # fmt: skip


for k in range(120):
    rows = rng.choice(90, 30)
    loss, found = slopes(points[rows], kind[rows])
    for name, w in weights.items():
        weights[name], kept[name] = adam(w, found[name], kept[name])
    if k % 40 == 0:
        print(k, loss)
