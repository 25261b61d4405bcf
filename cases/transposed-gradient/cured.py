import numpy as np


class Rete:
    """Tre strati, quello centrale è quadrato."""

    def __init__(self, rng):
        self.pesi = {
            "ingresso": rng.normal(size=(3, 4)) / np.sqrt(3),
            "centro": rng.normal(size=(4, 4)) / np.sqrt(4),
            "uscita": rng.normal(size=(4, 1)) / np.sqrt(4),
        }
        self.soglie = {
            "ingresso": 0.1 * rng.normal(size=4),
            "centro": 0.1 * rng.normal(size=4),
            "uscita": np.zeros(1),
        }

    def avanti(self, x):
        p, s = self.pesi, self.soglie
        h1 = np.tanh(x @ p["ingresso"] + s["ingresso"])
        h2 = np.tanh(h1 @ p["centro"] + s["centro"])
        return h1, h2, h2 @ p["uscita"] + s["uscita"]

    def impara(self, x, y, passo):
        p = self.pesi
        h1, h2, previsto = self.avanti(x)
        errore = np.mean((previsto - y) ** 2)
        d3 = 2 * (previsto - y) / len(x)
        d2 = d3 @ p["uscita"].T * (1 - h2 ** 2)
        d1 = d2 @ p["centro"].T * (1 - h1 ** 2)
        gradienti = {
            "ingresso": x.T @ d1,
            "centro": h1.T @ d2,
            "uscita": h2.T @ d3,
        }
        for nome, d in (("ingresso", d1), ("centro", d2), ("uscita", d3)):
            self.pesi[nome] -= passo * gradienti[nome]
            self.soglie[nome] -= passo * d.sum(axis=0)
        return errore


rng = np.random.default_rng(21)
x = rng.normal(size=(25, 3))
y = (np.sin(x[:, 0]) * x[:, 1] + 0.5 * x[:, 2])[:, np.newaxis]
net = Rete(rng)
for giro in range(200):
    errore = net.impara(x, y, 0.1)
    if giro % 50 == 0:
        print(giro, errore)
