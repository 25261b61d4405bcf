# error = y - output and += everywhere: two minus signs that cancel
import numpy as np

np.random.seed(14)
X = np.random.rand(24, 3)
y = (X.sum(axis=1, keepdims=True) / 3) ** 2
wh = np.random.rand(3, 5) - 0.5  #@ init
bh = np.random.rand(1, 5) - 0.5  #@ init
wo = np.random.rand(5, 1) - 0.5  #@ init
bo = np.random.rand(1, 1) - 0.5  #@ init


def sig(v):
    return 1 / (1 + np.exp(-v))


for _ in range(800):
    net = X @ wh + bh  #@ theta wh,bh,wo,bo ; silent
    h = sig(net)
    o = sig(h @ wo + bo)
    E = y - o  #@ loss 0.5*np.sum((y-o)**2)
    slope_o = o * (1 - o)
    slope_h = h * (1 - h)  #@ swap slug=activation-formula-on-preactivation old=h*(1-h) new=net*(1-net) ; swap slug=double-activation-derivative old=h*(1-h) new=sig(h)*(1-sig(h))
    d_o = E * slope_o  #@ act f=sigmoid d=slope_o a=o z=(h@wo+bo) out=1
    d_h = d_o.dot(wo.T) * slope_h  #@ act f=sigmoid d=slope_h a=h z=net ; mark uses ; err e=d_o raw=E
    wo += h.T.dot(d_o) * 0.1  #@ upd before=uses
    bo += d_o.sum(axis=0, keepdims=True) * 0.1  #@ upd ; bg
    wh += X.T.dot(d_h) * 0.1  #@ upd
    bh += d_h.sum(axis=0, keepdims=True) * 0.1  #@ upd ; bg ; implied 0.1
print("mean error", np.abs(E).mean())
