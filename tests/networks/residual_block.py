import numpy as np

# y = V (h + relu(h A) B), two residual blocks
rng = np.random.default_rng(16)
D, width, depth = 3, 6, 2
X = rng.normal(size=(30, D))
Y = np.c_[X[:, 0] * X[:, 1], np.abs(X[:, 2])]

We = rng.normal(size=(D, width)) / np.sqrt(D)
blocks = [{"A": rng.normal(size=(width, width)) / 3, "B": rng.normal(size=(width, width)) / 3} for _ in range(depth)]
Wo = rng.normal(size=(width, 2)) / 3


def forward(x):
    h = x @ We
    tape = []
    for blk in blocks:
        pre = h @ blk["A"]
        act = np.maximum(pre, 0)
        tape.append((h, pre, act))  #@ swap slug=stale-cache old=(h,pre,act) new=(X@We,pre,act)
        h = h + act @ blk["B"]
    return h, h @ Wo, tape


def backward(x, h, tape, dout):
    gWo = h.T @ dout
    dh = dout @ Wo.T
    gblocks = []
    for blk, (h_in, pre, act) in zip(reversed(blocks), reversed(tape)):
        gB = act.T @ dh  #@ wg x=act bad=pre,h_in
        dpre = (dh @ blk["B"].T) * (pre > 0)  #@ act f=relu d=(pre>0) a=act z=pre ; err w=blk["B"].T
        gA = h_in.T @ dpre  #@ wg x=h_in bad=act
        gblocks.insert(0, {"A": gA, "B": gB})
        dh = dh + dpre @ blk["A"].T  #@ drop slug=residual-gradient-missing term=dh ; drop slug=residual-gradient-missing term=dpre@blk["A"].T ; err w=blk["A"].T
    return x.T @ dh, gblocks, gWo


for epoch in range(300):
    h, out, tape = forward(X)  #@ theta We,blocks,Wo
    err = out - Y
    loss = np.sum(err ** 2) / (2 * len(X))  #@ loss loss
    gWe, gblocks, gWo = backward(X, h, tape, err / len(X))  #@ grad gWe,gblocks,gWo ; scale n=len(X) u=1 ; swap slug=gradient-ascent old=err new=-err
    We -= 0.1 * gWe  #@ upd
    Wo -= 0.1 * gWo  #@ upd
    for blk, g in zip(blocks, gblocks):
        for name in blk:
            blk[name] -= 0.1 * g[name]  #@ upd
    if epoch % 100 == 0:
        print(epoch, round(loss, 5))
print("final", round(loss, 5))
