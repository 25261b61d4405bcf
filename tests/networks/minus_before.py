# logistic layers written without a name for z: the minus of exp(-z) stands before the first factor
import numpy as np

rng = np.random.default_rng(11)
X = rng.normal(size=(30, 3))
Y = np.stack([(X[:, 0] > X[:, 1]), (X.sum(axis=1) > 0.3)], axis=1).astype(float)
V = rng.normal(size=(3, 5)) * 0.6
c = np.zeros(5)
W = rng.normal(size=(5, 2)) * 0.6
b = np.zeros(2)
rate = 0.8

for sweep in range(300):
    h = 1 / (1 + np.exp(-X @ V - c))  #@ theta V,c,W,b
    o = 1 / (1 + np.exp(-h @ W - b))
    loss = np.sum((o - Y) ** 2) / len(X)  #@ loss loss
    d2 = 2 * (o - Y) / len(X) * (o * (1 - o))  #@ act f=sigmoid d=(o*(1-o)) a=o
    d1 = (d2 @ W.T) * (h * (1 - h))  #@ act f=sigmoid d=(h*(1-h)) a=h ; mark uses
    W -= rate * h.T @ d2  #@ upd before=uses ; wg x=h
    b -= rate * d2.sum(axis=0)  #@ upd ; bg
    V -= rate * X.T @ d1  #@ upd
    c -= rate * d1.sum(axis=0)  #@ upd ; bg ; implied 0.8
