import numpy as np

np.random.seed(42)
sentences = ["good film really good", "bad film", "not bad at all", "really bad really bad",
             "good good good", "not good at all", "all bad film", "really good at all"]
labels = np.array([1, 0, 1, 0, 1, 0, 0, 1])
vocab = {w: i for i, w in enumerate(sorted({w for s in sentences for w in s.split()}))}
ids = [np.array([vocab[w] for w in s.split()]) for s in sentences]

dim = 4
E = np.random.randn(len(vocab), dim) * 0.3
W = np.random.randn(dim, dim) * 0.5
b = np.zeros(dim)
v = np.random.randn(dim)

for epoch in range(60):
    total = 0
    for idx, y in zip(ids, labels):
        m = E[idx].mean(axis=0)  #@ theta E,W,b,v
        h = np.tanh(m @ W + b)
        p = 1 / (1 + np.exp(-(h @ v)))
        total -= y * np.log(p) + (1 - y) * np.log(1 - p)  #@ loss -(y*np.log(p)+(1-y)*np.log(1-p))
        dlogit = p - y  #@ delta out=p ; swap slug=gradient-ascent old=p-y new=y-p
        dv = dlogit * h
        dpre = dlogit * v * (1 - h ** 2)  #@ act f=tanh d=(1-h**2) a=h
        dW = np.outer(m, dpre)  #@ wg x=m bad=h
        dm = W @ dpre  #@ err w=W
        dE = np.zeros_like(E)
        np.add.at(dE, idx, dm / len(idx))  #@ grad dE,dW,dpre,dv ; stmt slug=embedding-gradient new=dE[idx]~+=~dm/len(idx) ; stmt slug=embedding-gradient new=dE[idx]~=~dm/len(idx) ; swap slug=gradient-scale old=dm/len(idx) new=dm
        E -= 0.3 * dE  #@ upd
        W -= 0.3 * dW  #@ upd
        b -= 0.3 * dpre  #@ upd
        v -= 0.3 * dv  #@ upd
    if epoch % 20 == 0:
        print(epoch, total / len(ids))
print("trained", total / len(ids))
