import numpy as np

rng = np.random.RandomState(64)
n, T = 6, 8
P = {
    "U": rng.randn(n, 1) * 0.6, "W": np.linalg.qr(rng.randn(n, n))[0] * 0.9,
    "b": np.zeros(n), "v": rng.randn(n) * 0.5, "c": np.zeros(1),
}


def forward(xs, P):
    hs = [np.zeros(n)]
    for x in xs:
        hs.append(np.tanh(P["U"][:, 0] * x + P["W"] @ hs[-1] + P["b"]))
    return hs, P["v"] @ hs[-1] + P["c"][0]


def loss(xs, y, P):
    return 0.5 * (forward(xs, P)[1] - y) ** 2


def bptt(xs, y, P):
    hs, out = forward(xs, P)
    G = {k: np.zeros_like(w) for k, w in P.items()}
    e = out - y
    G["v"] += e * hs[-1]
    G["c"] += e
    dh = e * P["v"]
    for t in range(len(xs), 0, -1):
        dz = dh * (1 - hs[t] ** 2)
        G["U"][:, 0] += dz * xs[t - 1]
        G["W"] += np.outer(dz, hs[t - 1])
        G["b"] += dz
        dh = P["W"].T @ dz
    return G


def clip_by_global_norm(grads, limit):
    norm = np.sqrt(sum(np.sum(g ** 2) for g in grads.values()))
    if norm > limit:
        for k in grads:
            grads[k] *= limit / norm
    return norm


def train(seqs, ys, P, epochs=60, lr=0.05, limit=1.0):
    for epoch in range(epochs):
        total = 0.0
        for i in rng.permutation(len(seqs)):
            total += loss(seqs[i], ys[i], P)
            grads = bptt(seqs[i], ys[i], P)
            clip_by_global_norm(grads, limit)
            for k in P:
                P[k] -= lr * grads[k]
        if epoch % 20 == 0 or epoch == epochs - 1:
            print("epoch", epoch, "loss", total / len(seqs))


seqs = rng.uniform(-1, 1, (30, T))
ys = seqs[:, -3:].sum(axis=1) + 0.5

if __name__ == "__main__":
    train(seqs, ys, P)
