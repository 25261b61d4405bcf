import numpy as np


def batches(X, y, size, rng):
    while True:
        perm = rng.permutation(len(X))
        for s in range(0, len(X) - size + 1, size):
            yield X[perm[s:s + size]], y[perm[s:s + size]]  #@ swap slug=misaligned-shuffle old=y[perm[s:s+size]] new=y[s:s+size] ; swap slug=misaligned-shuffle old=y[perm[s:s+size]] new=y[rng.permutation(len(X))[s:s+size]]


def softmax_rows(S):
    S = S - S.max(1)[:, None]
    P = np.exp(S)
    return P / P.sum(1)[:, None]


rng = np.random.default_rng(19)
centres = rng.normal(0, 2, (4, 3))
y = np.repeat(np.arange(4), 20)  #@ mark labels
X = centres[y] + rng.normal(size=(80, 3))

W = [rng.normal(size=(3, 8)) * 0.4, rng.normal(size=(8, 4)) * 0.4]  #@ init
b = [np.zeros(8), np.zeros(4)]
stream = batches(X, y, 20, rng)
smooth = None
for it in range(400):
    xb, yb = next(stream)
    a = xb @ W[0] + b[0]  #@ theta W,b
    h = 1 / (1 + np.exp(-a))
    P = softmax_rows(h @ W[1] + b[1])
    loss = -np.log(P[np.arange(len(yb)), yb]).mean()
    smooth = loss if smooth is None else 0.95 * smooth + 0.05 * loss
    G = P  #@ loss -np.log(P[np.arange(len(yb)),yb]).mean()
    G[np.arange(len(yb)), yb] -= 1  #@ swap slug=loss-derivative old=1 new=2 skip=1
    G /= len(yb)
    gW1, gb1 = h.T @ G, G.sum(0)  #@ bg ; wg x=h bad=a
    dh = G @ W[1].T
    da = dh * h * (1 - h)  #@ drop slug=wrong-activation-derivative term=(1-h) ; swap slug=missing-activation-derivative old=dh*h*(1-h) new=dh ; swap slug=missing-upstream-gradient old=dh*h*(1-h) new=h*(1-h) ; swap slug=activation-formula-on-preactivation old=dh*h*(1-h) new=dh*a*(1-a) ; swap slug=wrong-activation-derivative old=dh*h*(1-h) new=dh*(1-h**2) ; act f=sigmoid d=h*(1-h) a=h z=a
    gW0, gb0 = xb.T @ da, da.sum(0)  #@ bg ; grad [gW0,gW1],[gb0,gb1]
    W[0] -= 0.5 * gW0  #@ upd
    b[0] -= 0.5 * gb0  #@ upd
    W[1] -= 0.5 * gW1  #@ upd
    b[1] -= 0.5 * gb1  #@ upd
print("running loss", smooth)
