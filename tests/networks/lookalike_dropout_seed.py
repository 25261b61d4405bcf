# the mask is the same in every step: seeded on purpose; forward and backward share it
import numpy as np

X = np.random.default_rng(1).normal(size=(30, 4))
y = np.abs(X[:, :1]) - np.abs(X[:, 1:2])
init = np.random.default_rng(2)
W1, W2 = init.normal(size=(4, 10)) * 0.6, init.normal(size=(10, 1)) * 0.6  #@ init
keep = 0.8
for it in range(300):
    a = X @ W1  #@ theta W1,W2
    noise = np.random.default_rng(123)
    mask = noise.binomial(1, keep, a.shape) / keep
    h = np.maximum(a, 0) * mask
    r = h @ W2 - y
    loss = np.mean(r ** 2)  #@ loss loss
    dr = 2 * r / len(X)  #@ scale n=len(X) u=1 ; swap slug=gradient-ascent old=r new=-r
    gW2 = h.T @ dr  #@ wg x=h bad=a
    gW1 = X.T @ ((dr @ W2.T) * mask * (a > 0))  #@ grad gW1,gW2 ; drop slug=dropout-mask term=mask ; act f=relu d=(a>0) a=h z=a
    W1 -= 0.1 * gW1  #@ upd
    W2 -= 0.1 * gW2  #@ upd
print("loss", loss)
