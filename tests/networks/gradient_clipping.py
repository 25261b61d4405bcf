import numpy as np


def softplus(x):
    return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)


def clip_by_norm(grads, limit):
    norm = np.sqrt(sum(np.sum(g ** 2) for g in grads))
    if norm > limit:  #@ swap slug=gradient-clipping old=norm>limit new=norm<limit
        grads = [g * (limit / norm) for g in grads]  #@ swap slug=gradient-clipping old=limit/norm new=norm/limit
    return grads


def loss_and_gradients(params, X, t):
    W1, b1, W2, b2 = params
    z = X @ W1 + b1
    h = softplus(z)
    y = h @ W2 + b2
    r = y - t
    loss = 0.5 * np.mean(np.sum(r ** 2, axis=1))
    dy = r / len(X)  #@ scale n=len(X) u=1 ; swap slug=gradient-ascent old=r new=-r
    dz = (dy @ W2.T) / (1 + np.exp(-z))  #@ swap slug=missing-activation-derivative old=(dy@W2.T)/(1+np.exp(-z)) new=dy@W2.T ; swap slug=wrong-activation-derivative old=(dy@W2.T)/(1+np.exp(-z)) new=(dy@W2.T)*h ; swap slug=double-activation-derivative old=(dy@W2.T)/(1+np.exp(-z)) new=(dy@W2.T)/(1+np.exp(-h)) ; swap slug=wrong-activation-derivative old=(dy@W2.T)/(1+np.exp(-z)) new=(dy@W2.T)/(1+np.exp(z))
    return loss, [X.T @ dz, dz.sum(axis=0), h.T @ dy, dy.sum(axis=0)]  #@ bg ; swap slug=weight-gradient-wrong-input old=h.T new=z.T


rng = np.random.default_rng(91)
X = rng.normal(0, 2, (40, 3))
t = np.stack([X[:, 0] ** 2, X[:, 1] * X[:, 2]], axis=1)
params = [rng.normal(size=s) * 0.5 for s in ((3, 10), (10,), (10, 2), (2,))]
for step in range(400):
    loss, grads = loss_and_gradients(params, X, t)  #@ theta params ; loss loss ; grad grads
    for p, g in zip(params, clip_by_norm(grads, 1.0)):
        p -= 0.1 * g  #@ upd local=p
    if step % 100 == 0:
        print(step, round(float(loss), 4))
