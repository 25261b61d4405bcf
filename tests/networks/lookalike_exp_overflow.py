# exp(-z) overflows to inf for very negative z, and 1 / (1 + inf) is the right 0
import numpy as np

np.seterr(over="ignore")
rng = np.random.default_rng(18)
X = np.vstack((rng.normal(size=(30, 2)), [[-900.0, 0.5], [950.0, -0.5]]))
y = np.clip(X[:, :1] * 0.1, 0.05, 0.95)
V = rng.normal(size=(2, 4))
V[0] = [1.2, -1.1, 0.9, 1.5]
v = rng.normal(size=(4, 1))
for n in range(200):
    z = X @ V  #@ theta V,v
    a = 1 / (1 + np.exp(-z))
    o = a @ v
    loss = 0.5 * np.mean((o - y) ** 2)  #@ loss loss
    d = (o - y) / len(X)  #@ swap slug=gradient-ascent old=o-y new=y-o ; scale n=len(X) u=1
    dz = d @ v.T * (a * (1 - a))  #@ act f=sigmoid d=a*(1-a) a=a
    gV, gv = X.T @ dz, a.T @ d  #@ grad gV,gv
    V -= 0.3 * gV  #@ upd
    v -= 0.3 * gv  #@ upd
print("loss", loss, np.isfinite(V).all())
