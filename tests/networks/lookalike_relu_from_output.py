# ReLU's derivative from its output: a > 0 exactly where z > 0
import numpy as np

rng = np.random.default_rng(25)
X = rng.normal(size=(50, 4))
Y = np.eye(3)[X[:, :3].argmax(axis=1)]
params = {"w1": rng.normal(size=(4, 12)) * 0.7, "b1": np.zeros(12), "w2": rng.normal(size=(12, 3)) * 0.4, "b2": np.zeros(3)}


def step(p, lr=0.4):
    a = np.maximum(X @ p["w1"] + p["b1"], 0)  #@ theta p
    z = a @ p["w2"] + p["b2"]
    q = np.exp(z - z.max(axis=1, keepdims=True))
    q /= q.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(np.sum(q * Y, axis=1)))  #@ loss loss
    dz = (q - Y) / len(X)  #@ scale n=len(X) u=1 ; delta out=q
    da = dz @ p["w2"].T
    da[a <= 0] = 0.0  #@ stmt slug=missing-activation-derivative new=pass ; swap slug=activation-derivative-of-gradient old=a new=da
    g = {"w1": X.T @ da, "b1": da.sum(axis=0), "w2": a.T @ dz, "b2": dz.sum(axis=0)}  #@ grad g ; bg
    for k in p:
        p[k] -= lr * g[k]  #@ upd
    return loss


for i in range(200):
    loss = step(params)
print("loss", loss)
