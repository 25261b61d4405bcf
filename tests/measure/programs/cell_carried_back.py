import numpy as np

# Letters by an LSTM: on the way back the cell's error is its later self, times a gate, plus what the weights bring.

rng = np.random.default_rng(31)
TEXT = "the heron waits; the reed bends, the heron waits and the water is still. " * 4
letters = sorted(set(TEXT))
L, H, T = len(letters), 10, 20


def start(rows, columns):
    return rng.normal(0, 0.2, (rows, columns)), np.zeros((rows, 1))


Wf, bf = start(H, H + L)
Wi, bi = start(H, H + L)
Wg, bg = start(H, H + L)
Wo, bo = start(H, H + L)
Wy, by = start(L, H)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def passes(inputs, targets, h, c):
    both, fs, is_, gs, os, hs, cs, ps = {}, {}, {}, {}, {}, {-1: h}, {-1: c}, {}
    loss = 0
    for t in range(len(inputs)):
        x = np.zeros((L, 1))
        x[inputs[t]] = 1
        both[t] = np.vstack((x, hs[t - 1]))
        fs[t] = sigmoid(Wf @ both[t] + bf)
        is_[t] = sigmoid(Wi @ both[t] + bi)
        gs[t] = np.tanh(Wg @ both[t] + bg)
        os[t] = sigmoid(Wo @ both[t] + bo)
        cs[t] = fs[t] * cs[t - 1] + is_[t] * gs[t]
        hs[t] = os[t] * np.tanh(cs[t])
        y = Wy @ hs[t] + by
        ps[t] = np.exp(y) / np.sum(np.exp(y))
        loss += -np.log(ps[t][targets[t], 0])
    dWf, dWi, dWg, dWo, dWy = (np.zeros_like(w) for w in (Wf, Wi, Wg, Wo, Wy))
    dbf, dbi, dbg, dbo, dby = (np.zeros_like(b) for b in (bf, bi, bg, bo, by))
    dhnext, dcnext = np.zeros_like(h), np.zeros_like(c)
    for t in reversed(range(len(inputs))):
        dy = ps[t].copy()
        dy[targets[t]] -= 1
        dWy += dy @ hs[t].T
        dby += dy
        dh = Wy.T @ dy + dhnext
        dc = os[t] * dh * (1 - np.tanh(cs[t]) ** 2) + dcnext
        do = dh * np.tanh(cs[t]) * os[t] * (1 - os[t])
        df = dc * cs[t - 1] * fs[t] * (1 - fs[t])
        di = dc * gs[t] * is_[t] * (1 - is_[t])
        dg = dc * is_[t] * (1 - gs[t] ** 2)
        dWo += do @ both[t].T
        dbo += do
        dWf += df @ both[t].T
        dbf += df
        dWi += di @ both[t].T
        dbi += di
        dWg += dg @ both[t].T
        dbg += dg
        dhnext = (Wf.T @ df + Wi.T @ di + Wg.T @ dg + Wo.T @ do)[L:]
        dcnext = fs[t] * dc
    return loss, (dWf, dbf, dWi, dbi, dWg, dbg, dWo, dbo, dWy, dby), hs[len(inputs) - 1], cs[len(inputs) - 1]


def written(h, c, letter, n):
    out = []
    for _ in range(n):
        x = np.zeros((L, 1))
        x[letter] = 1
        both = np.vstack((x, h))
        c = sigmoid(Wf @ both + bf) * c + sigmoid(Wi @ both + bi) * np.tanh(Wg @ both + bg)
        h = sigmoid(Wo @ both + bo) * np.tanh(c)
        y = Wy @ h + by
        p = np.exp(y) / np.sum(np.exp(y))
        letter = rng.choice(L, p=p.ravel())
        out.append(letters[letter])
    return "".join(out)


at = 0
for step in range(24):
    if at + T + 1 > len(TEXT) or step == 0:
        at, h, c = 0, np.zeros((H, 1)), np.zeros((H, 1))
    inputs = [letters.index(ch) for ch in TEXT[at : at + T]]
    targets = [letters.index(ch) for ch in TEXT[at + 1 : at + T + 1]]
    if step % 60 == 0:
        print(written(h, c, inputs[0], 200))
    loss, gradients, h, c = passes(inputs, targets, h, c)
    for w, g in zip((Wf, bf, Wi, bi, Wg, bg, Wo, bo, Wy, by), gradients, strict=True):
        w -= 0.02 * g
    if step % 30 == 0:
        print(step, loss)
    at += T
