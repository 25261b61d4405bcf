import warnings

import numpy as np

warnings.simplefilter("ignore", PendingDeprecationWarning)


def logistic(t):
    return 1.0 / (1.0 + np.exp(-t))


np.random.seed(12)
X = np.matrix("0 0; 0 1; 1 0; 1 1")
T = np.matrix("0; 1; 1; 1")
V = np.matrix(np.random.randn(2, 3))  #@ init
c = np.matrix(np.random.randn(1, 3))  #@ init
U = np.matrix(np.random.randn(3, 1))  #@ init
d = np.matrix(np.random.randn(1, 1))  #@ init
eta = 0.8

for k in range(1200):
    S = X * V + c  #@ theta V,c,U,d
    H = logistic(S)
    O = logistic(H * U + d)
    E = O - T  #@ loss 0.5*np.sum(np.square(O-T)) ; swap slug=gradient-ascent old=O-T new=T-O
    D2 = np.multiply(E, np.multiply(O, 1 - O))  #@ act f=sigmoid d=np.multiply(O,1-O) a=O z=(H*U+d) out=1
    D1 = np.multiply(D2 * U.T, np.multiply(H, 1 - H))  #@ act f=sigmoid d=np.multiply(H,1-H) a=H z=S ; err e=D2 raw=E ; mark uses_U
    U = U - eta * H.T * D2  #@ upd before=uses_U ; wg x=H bad=S
    d = d - eta * D2.sum(axis=0)  #@ upd
    V = V - eta * X.T * D1  #@ upd
    c = c - eta * D1.sum(axis=0)  #@ upd ; implied eta ; bg
    if k % 400 == 0:
        print(k, 0.5 * np.sum(np.square(E)))
print(O.T.round(3))
