# the printed loss is clipped against log(0); the gradient is that of the loss itself
import numpy as np


def log_loss(p, y):
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return float(np.mean(-(y * np.log(p) + (1 - y) * np.log(1 - p))))


rng = np.random.default_rng(83)
X = rng.normal(size=(60, 2)) * 1.5
y = (X[:, :1] * X[:, 1:] > 0).astype(float)
W1, b1 = rng.normal(size=(2, 8)), np.zeros(8)
W2, b2 = rng.normal(size=(8, 1)), np.zeros(1)
for epoch in range(800):
    z1 = X @ W1 + b1  #@ theta W1,b1,W2,b2
    h = np.tanh(z1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    if epoch % 200 == 0:
        print(epoch, log_loss(p, y))
    d2 = (p - y) / len(X)  #@ loss np.mean(-(y*np.log(p)+(1-y)*np.log(1-p))) ; delta out=p ; swap slug=gradient-ascent old=p-y new=y-p ; scale n=len(X) u=1
    d1 = d2 @ W2.T * (1 - h ** 2)  #@ act f=tanh d=(1-h**2) a=h z=z1
    gW2, gb2 = h.T @ d2, d2.sum(axis=0)  #@ wg x=h bad=z1 ; bg
    gW1, gb1 = X.T @ d1, d1.sum(axis=0)  #@ bg ; grad gW1,gb1,gW2,gb2
    W2 -= 1.0 * gW2  #@ upd
    b2 -= 1.0 * gb2  #@ upd
    W1 -= 1.0 * gW1  #@ upd
    b1 -= 1.0 * gb1  #@ upd
print("final", log_loss(p, y))
