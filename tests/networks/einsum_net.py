import numpy as np

rng = np.random.default_rng(2024)
X = rng.normal(size=(32, 5))
Y = np.stack([np.sin(X[:, 0]) * X[:, 1], np.cos(X[:, 2]), X[:, 3] * X[:, 4]], axis=1)

W1 = rng.normal(size=(5, 9)) * 0.4  #@ init
c1 = np.zeros(9)
W2 = rng.normal(size=(9, 3)) * 0.4  #@ init
c2 = np.zeros(3)

for it in range(300):
    s = np.einsum("ni,ij->nj", X, W1) + c1  #@ theta W1,c1,W2,c2
    h = np.tanh(s)
    o = np.einsum("nj,jk->nk", h, W2) + c2
    loss = 0.5 * np.einsum("nk,nk->", o - Y, o - Y) / len(X)  #@ loss loss ; mark l
    do = (o - Y) / len(X)  #@ scale n=len(X) u=1 ; swap slug=gradient-ascent old=o-Y new=Y-o ; swap slug=loss-derivative old=o-Y new=np.sign(o-Y)
    dW2 = np.einsum("nj,nk->jk", h, do)  #@ wg x=h bad=s,h*h
    dc2 = np.einsum("nk->k", do)  #@ swap slug=bias-gradient-axis old=np.einsum("nk->k",do) new=np.einsum("nk->",do)
    dh = np.einsum("nk,jk->nj", do, W2)
    ds = dh * (1 - h ** 2)  #@ act f=tanh d=(1-h**2) a=h z=s
    dW1 = np.einsum("ni,nj->ij", X, ds)  #@ swap slug=weight-gradient-wrong-input old=ds new=dh
    dc1 = np.einsum("nj->j", ds)  #@ grad dW1,dc1,dW2,dc2 ; swap slug=bias-gradient-scale old=np.einsum("nj->j",ds) new=np.mean(ds,axis=0) ; swap slug=bias-gradient-axis old=np.einsum("nj->j",ds) new=np.einsum("nj->",ds)
    W1 -= 0.2 * dW1  #@ upd
    c1 -= 0.2 * dc1  #@ upd
    W2 -= 0.2 * dW2  #@ upd
    c2 -= 0.2 * dc2  #@ upd
    if it % 100 == 0:
        print(it, loss)
