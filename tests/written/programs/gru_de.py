import numpy as np

zufall = np.random.default_rng(19)
n_ein, n_zust = 2, 4


def sigmoide(a):
    return 1.0 / (1.0 + np.exp(-a))


def gewichte_neu():
    g = {}
    for tor in ("z", "r", "k"):
        g["W" + tor] = zufall.normal(0, 0.6, (n_zust, n_ein))
        g["U" + tor] = zufall.normal(0, 0.6, (n_zust, n_zust))
        g["b" + tor] = np.zeros(n_zust)
    g["V"] = zufall.normal(0, 0.6, n_zust)
    g["c"] = np.zeros(1)
    return g


def vorwaerts(folge, g):
    h = np.zeros(n_zust)
    speicher = []
    for x in folge:
        z = sigmoide(g["Wz"] @ x + g["Uz"] @ h + g["bz"])
        r = sigmoide(g["Wr"] @ x + g["Ur"] @ h + g["br"])
        k = np.tanh(g["Wk"] @ x + g["Uk"] @ (r * h) + g["bk"])
        speicher.append((x, h, z, r, k))
        h = (1 - z) * h + z * k
    return g["V"] @ h + g["c"][0], h, speicher


def verlust(folge, ziel, g):
    return 0.5 * (vorwaerts(folge, g)[0] - ziel) ** 2


def rueckwaerts(folge, ziel, g):
    y, h_ende, speicher = vorwaerts(folge, g)
    d = {name: np.zeros_like(w) for name, w in g.items()}
    d["V"] = (y - ziel) * h_ende
    d["c"] = np.array([y - ziel])
    d_h = (y - ziel) * g["V"]
    for x, h, z, r, k in reversed(speicher):
        d_k = d_h * z
        d_z = d_h * (k - h)
        d_vor = d_h * (1 - z)
        ak = d_k * (1 - k * k)
        d_rh = g["Uk"].T @ ak
        d_r = d_rh * h
        az = d_z * z * (1 - z)
        ar = d_r * r * (1 - r)
        for tor, a, zustand in (("z", az, h), ("r", ar, h), ("k", ak, r * h)):
            d["W" + tor] += np.outer(a, x)
            d["U" + tor] += np.outer(a, zustand)
            d["b" + tor] += a
        d_h = d_vor + d_rh * r + g["Uz"].T @ az + g["Ur"].T @ ar
    return d


g = gewichte_neu()
folgen = zufall.normal(size=(20, 5, n_ein))
ziele = folgen[:, 0, 0] - 0.5 * folgen[:, 3, 1]

if __name__ == "__main__":
    for runde in range(60):
        summe = 0.0
        for f, t in zip(folgen, ziele):
            summe += verlust(f, t, g)
            d = rueckwaerts(f, t, g)
            for name in g:
                g[name] -= 0.05 * d[name]
        if runde % 20 == 0 or runde == 59:
            print("Runde", runde, "Verlust", summe / 20)
