import numpy as np

rng = np.random.default_rng(6)


def sigma(x):
    return 1.0 / (1.0 + np.exp(-x))


class GRUCell:
    def __init__(self, d, h):
        k = 1 / np.sqrt(h)
        self.p = {n: rng.uniform(-k, k, (d + h, h)) for n in ("Wz", "Wr", "Wn")}  #@ init
        self.p["V"] = rng.uniform(-k, k, (h, 1))  #@ init
        self.h = h

    def run(self, seq):
        h = np.zeros(self.h)
        self.trace = []
        for x in seq:
            hx = np.concatenate((x, h))
            z, r = sigma(hx @ self.p["Wz"]), sigma(hx @ self.p["Wr"])
            rx = np.concatenate((x, r * h))
            n = np.tanh(rx @ self.p["Wn"])
            self.trace.append((hx, rx, z, r, n, h))  #@ swap slug=stale-cache old=(hx,rx,z,r,n,h) new=(hx,rx,z,r,n,np.zeros(self.h))
            h = (1 - z) * n + z * h
        self.last = h
        return float(sigma(h @ self.p["V"])[0])

    def grads(self, d_out, n_in):
        g = {k: np.zeros_like(v) for k, v in self.p.items()}
        g["V"] += np.outer(self.last, d_out)
        dh = self.p["V"][:, 0] * d_out
        for hx, rx, z, r, n, h in reversed(self.trace):
            dn = dh * (1 - z)
            dz = dh * (h - n)  #@ swap slug=recurrent-gradient-not-carried old=h-n new=h skip=1
            dh_prev = dh * z
            dan = dn * (1 - n * n)  #@ act f=tanh d=(1-n*n) a=n
            g["Wn"] += np.outer(rx, dan)  #@ acc slug=shared-weight-gradient-overwritten ; wg x=rx bad=hx
            drx = self.p["Wn"] @ dan
            dr = drx[n_in:] * h
            dh_prev = dh_prev + drx[n_in:] * r  #@ drop slug=recurrent-gradient-not-carried term=drx[n_in:]*r
            dar = dr * r * (1 - r)  #@ swap slug=gate-derivative-missing old=dr*r*(1-r) new=dr
            daz = dz * z * (1 - z)  #@ swap slug=gate-derivative-missing old=dz*z*(1-z) new=dz
            g["Wr"] += np.outer(hx, dar)  #@ acc slug=shared-weight-gradient-overwritten
            g["Wz"] += np.outer(hx, daz)  #@ acc slug=shared-weight-gradient-overwritten
            dh_prev = dh_prev + (self.p["Wr"] @ dar)[n_in:] + (self.p["Wz"] @ daz)[n_in:]  #@ drop slug=recurrent-gradient-not-carried term=(self.p["Wz"]@daz)[n_in:] ; drop slug=recurrent-gradient-not-carried term=(self.p["Wr"]@dar)[n_in:]
            dh = dh_prev
        return g


cell = GRUCell(1, 6)
running = 0.0
for k in range(600):
    bits = rng.integers(0, 2, 4)
    label = bits.sum() % 2
    out = cell.run(bits[:, None] * 2.0 - 1)  #@ theta [cell.p[k] for k in cell.p]
    loss = -np.log(out if label else 1 - out)
    running = 0.99 * running + 0.01 * loss  #@ loss -np.log(out if label else 1 - out)
    grads = cell.grads(out - label, 1)  #@ grad [grads[k] for k in cell.p] ; swap slug=gradient-ascent old=out-label new=label-out ; swap slug=unneeded-output-derivative old=out-label new=(out-label)*out*(1-out)
    for name in cell.p:
        cell.p[name] -= 0.3 * grads[name]  #@ upd
    if k % 150 == 0:
        print(k, running)
