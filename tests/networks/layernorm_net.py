import numpy as np


def layernorm(x, g, b, eps=1e-5):
    mu = x.mean(-1, keepdims=True)
    xc = x - mu
    inv = 1.0 / np.sqrt((xc ** 2).mean(-1, keepdims=True) + eps)
    xn = xc * inv
    return xn * g + b, (xn, inv, g)


def layernorm_backward(dy, cache):
    xn, inv, g = cache
    dg = np.sum(dy * xn, axis=0)
    db = np.sum(dy, axis=0)  #@ bg
    dxn = dy * g  #@ drop slug=batchnorm-gradient term=g skip=1
    dx = inv * (dxn - dxn.mean(-1, keepdims=True) - xn * (dxn * xn).mean(-1, keepdims=True))  #@ drop slug=batchnorm-gradient term=dxn.mean(-1,keepdims=True) ; drop slug=batchnorm-gradient term=xn*(dxn*xn).mean(-1,keepdims=True) ; swap slug=batchnorm-gradient old=dxn.mean(-1,keepdims=True) new=dxn.mean(0,keepdims=True)
    return dx, dg, db


def silu(x):
    return x / (1 + np.exp(-x))


def silu_backward(dy, x):
    s = 1 / (1 + np.exp(-x))
    return dy * (s * (1 + x * (1 - s)))  #@ act f=smooth d=(s*(1+x*(1-s))) z=x ; swap slug=wrong-activation-derivative old=(s*(1+x*(1-s))) new=s ; swap slug=wrong-activation-derivative old=(s*(1+x*(1-s))) new=s*(1-s)


rng = np.random.default_rng(90)
X = rng.standard_normal((24, 3)) * [1, 5, 0.2]
target = np.tanh(X[:, [0]] * X[:, [2]] * 5)
P = {"W": rng.standard_normal((3, 10)) * 0.5, "g": np.ones(10), "b": np.zeros(10),
     "V": rng.standard_normal((10, 1)) * 0.3, "c": np.zeros(1)}

step = 0
while step < 400:
    u = X @ P["W"]  #@ theta P
    n, cache = layernorm(u, P["g"], P["b"])
    h = silu(n)
    out = h @ P["V"] + P["c"]
    loss = np.sum((out - target) ** 2) / len(X)  #@ loss loss
    G = {}
    dout = 2.0 / len(X) * (out - target)  #@ swap slug=gradient-ascent old=out-target new=target-out ; drop slug=gradient-scale term=2.0/len(X) u=1
    G["V"], G["c"] = h.T @ dout, dout.sum(axis=0)  #@ bg ; wg x=h bad=n
    dn = silu_backward(dout @ P["V"].T, n)
    du, G["g"], G["b"] = layernorm_backward(dn, cache)  #@ swap slug=stale-cache old=cache new=layernorm(u[::-1],P["g"],P["b"])[1]
    G["W"] = X.T @ du  #@ grad [G[k] for k in P]
    for key, grad in G.items():
        P[key] = P[key] - 0.1 * grad  #@ upd
    if step % 100 == 0:
        print("step %3d  loss %.5f" % (step, loss))
    step += 1
