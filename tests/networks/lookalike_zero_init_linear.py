# a softmax regression may start at zero: the loss is convex and nothing is symmetric
import numpy as np

rng = np.random.default_rng(44)
X = rng.normal(size=(70, 5))
y = (X @ rng.normal(size=(5, 4))).argmax(axis=1)
W = np.zeros((5, 4))
b = np.zeros(4)
onehot = np.eye(4)[y]
for it in range(300):
    s = X @ W + b  #@ theta W,b
    p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
    cost = -(onehot * np.log(p)).sum() / len(X)  #@ loss cost
    G = (p - onehot) / len(X)  #@ scale n=len(X) u=1 ; delta out=p ; swap slug=gradient-ascent old=p-onehot new=onehot-p
    dW, db = X.T @ G, G.sum(axis=0)  #@ grad dW,db ; bg ; wg x=X bad=X**2
    W -= 1.0 * dW  #@ upd
    b -= 1.0 * db  #@ upd
    if it % 100 == 0:
        print(it, cost)
