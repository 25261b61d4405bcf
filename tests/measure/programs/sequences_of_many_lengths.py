import numpy as np

# One step for each sentence, and no two sentences one after the other are of one length.

rng = np.random.default_rng(8)
SENTENCES = [("rain falls", 0), ("the old red kite climbs", 1), ("rain falls again", 0), ("a kite", 1),
             ("it rains and rains and rains", 0), ("two kites climb", 1), ("cold rain", 0)]  # fmt: skip
WORDS = sorted({w for s, _ in SENTENCES for w in s.split()})
H = 7

Wx = rng.normal(size=(H, len(WORDS))) / 3
Wh = rng.normal(size=(H, H)) / 3
Wo = rng.normal(size=(2, H)) / 3
bh = np.zeros((H, 1))
bo = np.zeros((2, 1))

for epoch in range(40):
    total = 0.0
    for sentence, kind in SENTENCES:
        xs = [np.eye(len(WORDS))[:, [WORDS.index(w)]] for w in sentence.split()]
        hs = {0: np.zeros((H, 1))}
        for t, x in enumerate(xs):
            hs[t + 1] = np.tanh(Wx @ x + Wh @ hs[t] + bh)
        scores = Wo @ hs[len(xs)] + bo
        p = np.exp(scores) / np.sum(np.exp(scores))
        total -= np.log(p[kind, 0])

        d = p.copy()
        d[kind] -= 1
        gWo, gbo = d @ hs[len(xs)].T, d
        gWx, gWh, gbh = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(bh)
        dh = Wo.T @ d
        for t in reversed(range(len(xs))):
            raw = (1 - hs[t + 1] ** 2) * dh
            gbh += raw
            gWh += raw @ hs[t].T
            gWx += raw @ xs[t].T
            dh = Wh.T @ raw
        for w, g in ((Wx, gWx), (Wh, gWh), (Wo, gWo), (bh, gbh), (bo, gbo)):
            w -= 0.05 * np.clip(g, -1, 1)
    if epoch % 10 == 0:
        print(epoch, total / len(SENTENCES))
