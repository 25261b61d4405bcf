# XOR with zero biases and zero inputs sits exactly on ReLU's kink; >= is as good as > there
import numpy as np

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.array([[0.0], [1.0], [1.0], [0.0]])
rng = np.random.default_rng(3)
W1, b1 = rng.normal(size=(2, 8)), np.zeros(8)
W2, b2 = rng.normal(size=(8, 1)) * 0.5, np.zeros(1)
for i in range(800):
    z = X @ W1 + b1  #@ theta W1,b1,W2,b2 ; kink
    h = np.maximum(0, z)
    out = h @ W2 + b2
    loss = np.mean((out - Y) ** 2)  #@ loss loss
    d = 2 * (out - Y) / len(X)  #@ scale n=len(X) u=1 ; swap slug=gradient-ascent old=out-Y new=Y-out
    dh = (d @ W2.T) * (z >= 0)  #@ mark uses
    W2 -= 0.1 * (h.T @ d)  #@ upd before=uses ; wg x=h bad=z
    b2 -= 0.1 * d.sum(axis=0)  #@ upd
    W1 -= 0.1 * (X.T @ dh)  #@ upd
    b1 -= 0.1 * dh.sum(axis=0)  #@ upd ; bg ; implied 0.1
    if i % 200 == 0:
        print(i, loss)
print(out.ravel())
