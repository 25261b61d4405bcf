# x * (1 - x) and 1 - x ** 2 look wrong, but are given the activations
import numpy as np


def dsigmoid(x):
    return x * (1 - x)


def dtanh(x):
    return 1 - x ** 2


rng = np.random.default_rng(5)
x = rng.normal(size=(20, 3))
t = rng.uniform(0.2, 0.8, (20, 1))
A = rng.normal(size=(3, 4))  #@ init
B = rng.normal(size=(4, 4))  #@ init
C = rng.normal(size=(4, 1))  #@ init
for k in range(300):
    xa = x @ A  #@ theta A,B,C
    h = np.tanh(xa)
    hb = h @ B
    s = 1 / (1 + np.exp(-hb))
    y = 1 / (1 + np.exp(-(s @ C)))
    e = y - t  #@ loss 0.5*np.sum((y-t)**2) ; swap slug=gradient-ascent old=y-t new=t-y
    d3 = e * dsigmoid(y)  #@ act f=sigmoid d=dsigmoid(y) a=y z=(s@C)
    d2 = d3 @ C.T * dsigmoid(s)  #@ act f=sigmoid d=dsigmoid(s) a=s z=hb
    d1 = d2 @ B.T * dtanh(h)  #@ act f=tanh d=dtanh(h) a=h z=xa ; err w=B.T
    C -= 0.3 * s.T @ d3  #@ upd
    B -= 0.3 * h.T @ d2  #@ upd
    A -= 0.3 * x.T @ d1  #@ upd ; implied 0.3
print(0.5 * np.sum(e ** 2))
