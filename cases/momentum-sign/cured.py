import numpy as np


class MomentumSGD:
    def __init__(self, params, lr=0.05, beta=0.9):
        self.params = params
        self.lr = lr
        self.beta = beta
        self.velocity = [np.zeros_like(p) for p in params]

    def step(self, grads):
        for i, g in enumerate(grads):
            self.velocity[i] = self.beta * self.velocity[i] - self.lr * g
            self.params[i] += self.velocity[i]


def evaluate(params, x, t):
    w1, b1, w2, b2 = params
    h = 1 / (1 + np.exp(-(x @ w1 + b1)))
    z = h @ w2 + b2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.sum(t * np.log(p)) / len(x)
    dz = (p - t) / len(x)
    dh = dz @ w2.T * h * (1 - h)
    return loss, (x.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0))


rng = np.random.default_rng(71)
X = rng.normal(size=(24, 3))
Y = np.eye(3)[np.argmax(X + 0.3 * rng.normal(size=X.shape), axis=1)]
opt = MomentumSGD([rng.normal(size=(3, 6)), 0.1 * rng.normal(size=6), rng.normal(size=(6, 3)), np.zeros(3)])
for epoch in range(150):
    loss, grads = evaluate(opt.params, X, Y)
    opt.step(grads)
    if epoch % 50 == 0:
        print(epoch, round(loss, 4))
