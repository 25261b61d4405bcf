import numpy as np

gerador = np.random.default_rng(7)
n_ent, n_oc, n_sai, T = 3, 5, 2, 6
p = {
    "Wx": gerador.normal(0, 0.5, (n_oc, n_ent)),
    "Wh": gerador.normal(0, 0.4, (n_oc, n_oc)),
    "bh": np.zeros(n_oc),
    "Wy": gerador.normal(0, 0.5, (n_sai, n_oc)),
    "by": np.zeros(n_sai),
}


def propagar(seq, p):
    h = {-1: np.full(n_oc, 0.1)}
    y = {}
    for t in range(len(seq)):
        h[t] = np.tanh(p["Wx"] @ seq[t] + p["Wh"] @ h[t - 1] + p["bh"])
        y[t] = p["Wy"] @ h[t] + p["by"]
    return h, y


def custo(y, alvo):
    return 0.5 * sum(np.sum((y[t] - alvo[t]) ** 2) for t in range(len(alvo)))


def retropropagar(seq, alvo, h, y, p):
    g = {k: np.zeros_like(v) for k, v in p.items()}
    dh_prox = np.zeros(n_oc)
    for t in reversed(range(len(seq))):
        dy = y[t] - alvo[t]
        g["Wy"] += np.outer(dy, h[t])
        g["by"] += dy
        dh = p["Wy"].T @ dy + dh_prox
        dz = (1 - h[t] ** 2) * dh
        g["bh"] += dz
        g["Wx"] += np.outer(dz, seq[t])
        g["Wh"] += np.outer(dz, h[t - 1])
        dh_prox = p["Wh"].T @ dz
    return g


if __name__ == "__main__":
    dados = gerador.normal(size=(12, T, n_ent))
    alvos = np.stack([np.cumsum(dados[:, :, 0], 1) * 0.3, dados[:, :, 1]], axis=2)
    for epoca in range(60):
        total = 0.0
        for seq, alvo in zip(dados, alvos):
            h, y = propagar(seq, p)
            total += custo(y, alvo)
            g = retropropagar(seq, alvo, h, y, p)
            for k in p:
                p[k] -= 0.02 * g[k]
        if epoca % 20 == 0 or epoca == 59:
            print("epoca", epoca, "custo", total / 12)
