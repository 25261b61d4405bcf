# a bias before batch-norm has a gradient of exactly zero; that is right
import numpy as np

rng = np.random.default_rng(9)
X = rng.normal(size=(28, 3)) * 2 + 1
y = np.sin(X[:, :1])
W, b = rng.normal(size=(3, 7)), np.zeros(7)
gamma, beta = np.ones(7), np.zeros(7)
V, c = rng.normal(size=(7, 1)) * 0.3, np.zeros(1)
for step in range(250):
    z = X @ W + b  #@ theta W,b,gamma,beta,V,c
    mu = z.mean(axis=0)
    zc = z - mu
    std = np.sqrt((zc ** 2).mean(axis=0) + 1e-5)
    zn = zc / std
    h = np.tanh(gamma * zn + beta)
    o = h @ V + c
    loss = np.mean((o - y) ** 2)  #@ loss loss
    do = 2 * (o - y) / len(X)  #@ scale n=len(X) u=1 ; swap slug=gradient-ascent old=o-y new=y-o
    dV, dc = h.T @ do, do.sum(axis=0)  #@ bg
    du = (do @ V.T) * (1 - h ** 2)  #@ act f=tanh d=(1-h**2) a=h
    dgamma, dbeta = (du * zn).sum(axis=0), du.sum(axis=0)  #@ drop slug=batchnorm-gradient term=zn
    dzn = du * gamma
    dz = (dzn - dzn.mean(axis=0) - zn * (dzn * zn).mean(axis=0)) / std  #@ drop slug=batchnorm-gradient term=dzn.mean(axis=0) ; drop slug=batchnorm-gradient term=zn*(dzn*zn).mean(axis=0) ; drop slug=batchnorm-gradient term=std
    dW, db = X.T @ dz, dz.sum(axis=0)  #@ grad dW,db,dgamma,dbeta,dV,dc
    for p, g in ((W, dW), (b, db), (gamma, dgamma), (beta, dbeta), (V, dV), (c, dc)):
        p -= 0.1 * g  #@ upd local=p
print("loss", loss)
