# no 1/N anywhere: a summed loss and a small learning rate belong together
import numpy as np

rng = np.random.default_rng(29)
X = rng.uniform(-1, 1, (200, 2))
Y = (X[:, :1] > X[:, 1:]) * 1.0
P = [rng.normal(size=(2, 5)), np.zeros(5), rng.normal(size=(5, 1)), np.zeros(1)]
lr = 0.005
for epoch in range(200):
    z = X @ P[0] + P[1]  #@ theta P
    h = 1 / (1 + np.exp(-z))
    o = 1 / (1 + np.exp(-(h @ P[2] + P[3])))
    loss = -np.sum(Y * np.log(o) + (1 - Y) * np.log(1 - o))  #@ loss loss
    d = o - Y  #@ delta out=o ; swap slug=gradient-ascent old=o-Y new=Y-o
    dh = d @ P[2].T * h * (1 - h)  #@ swap slug=missing-activation-derivative old=d@P[2].T*h*(1-h) new=d@P[2].T ; drop slug=wrong-activation-derivative term=(1-h) ; act f=sigmoid d=h*(1-h) a=h z=z
    grads = [X.T @ dh, dh.sum(0), h.T @ d, d.sum(0)]  #@ grad grads ; bg
    for k in range(4):
        P[k] -= lr * grads[k]  #@ upd
print("loss", loss / len(X))
