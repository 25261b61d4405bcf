# the reported loss has no 1/2 and no 1/N, and the gradient keeps the 2: consistent
import numpy as np

g = np.random.RandomState(2)
X = g.randn(15, 2)
T = np.c_[X[:, 0] * X[:, 1]]
W, U = g.randn(2, 6) * 0.6, g.randn(6, 1) * 0.6  #@ init
for i in range(500):
    Z = X.dot(W)  #@ theta W,U
    H = np.tanh(Z)
    R = H.dot(U) - T
    sse = (R * R).sum()  #@ loss sse
    gU = 2 * H.T.dot(R)  #@ drop slug=gradient-scale term=2 ; wg x=H bad=Z
    gW = 2 * X.T.dot(R.dot(U.T) * (1 - H * H))  #@ grad gW,gU ; act f=tanh d=(1-H*H) a=H z=Z
    U -= 0.005 * gU  #@ upd
    W -= 0.005 * gW  #@ upd
    if i % 100 == 0:
        print(i, sse)
