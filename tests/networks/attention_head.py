import numpy as np


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)  #@ swap slug=softmax-axis old=e.sum(axis=-1,keepdims=True) new=e.sum(axis=-2,keepdims=True)


def softmax_backward(g, s):
    return s * (g - np.sum(g * s, axis=-1, keepdims=True))  #@ drop slug=softmax-jacobian term=np.sum(g*s,axis=-1,keepdims=True) ; swap slug=softmax-jacobian old=s*(g-np.sum(g*s,axis=-1,keepdims=True)) new=g*s*(1-s) ; swap slug=softmax-jacobian old=np.sum(g*s,axis=-1,keepdims=True) new=np.sum(g*s,axis=-2,keepdims=True)


class SelfAttention:
    def __init__(self, d, rng):
        self.Wq, self.Wk, self.Wv = (rng.normal(size=(d, d)) / np.sqrt(d) for _ in range(3))
        self.scale = 1 / np.sqrt(d)

    def forward(self, X):
        self.X = X
        self.Q, self.K, self.V = X @ self.Wq, X @ self.Wk, X @ self.Wv
        self.A = softmax(self.Q @ self.K.transpose(0, 2, 1) * self.scale)
        return self.A @ self.V

    def backward(self, dO):
        Xt = self.X.transpose(0, 2, 1)
        dV = self.A.transpose(0, 2, 1) @ dO  #@ swap slug=attention-gradient old=self.A.transpose(0,2,1)@dO new=self.A@dO
        dA = dO @ self.V.transpose(0, 2, 1)
        dS = softmax_backward(dA, self.A) * self.scale  #@ drop slug=attention-gradient term=self.scale ; swap slug=softmax-jacobian old=softmax_backward(dA,self.A) new=dA
        dQ = dS @ self.K
        dK = dS.transpose(0, 2, 1) @ self.Q  #@ swap slug=attention-gradient old=dS.transpose(0,2,1)@self.Q new=dS@self.Q
        return [(Xt @ g).sum(axis=0) for g in (dQ, dK, dV)]


rng = np.random.default_rng(4)
N, T, D = 12, 5, 4
X = rng.normal(size=(N, T, D))
first = X[:, :, 0].argmax(axis=1)
target = np.repeat(X[np.arange(N), first][:, None, :], T, axis=1)

att = SelfAttention(D, rng)
for step in range(200):
    out = att.forward(X)  #@ theta att.Wq,att.Wk,att.Wv
    loss = 0.5 * np.mean(np.sum((out - target) ** 2, axis=(1, 2)))  #@ loss loss
    gq, gk, gv = att.backward((out - target) / N)  #@ grad gq,gk,gv ; scale n=N u=1 ; swap slug=gradient-ascent old=out-target new=target-out
    att.Wq -= 0.1 * gq  #@ upd
    att.Wk -= 0.1 * gk  #@ upd
    att.Wv -= 0.1 * gv  #@ upd
    if step % 50 == 0:
        print(step, loss)
