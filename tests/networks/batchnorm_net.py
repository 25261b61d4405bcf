import numpy as np


class BatchNorm:
    def __init__(self, n):
        self.gamma, self.beta = np.ones(n), np.zeros(n)
        self.mean_run, self.var_run = np.zeros(n), np.ones(n)

    def forward(self, x, training=True, eps=1e-5):
        if not training:
            return self.gamma * (x - self.mean_run) / np.sqrt(self.var_run + eps) + self.beta
        mu, var = x.mean(axis=0), x.var(axis=0)
        self.inv_std = 1 / np.sqrt(var + eps)
        self.xhat = (x - mu) * self.inv_std
        self.mean_run = 0.9 * self.mean_run + 0.1 * mu
        self.var_run = 0.9 * self.var_run + 0.1 * var
        return self.gamma * self.xhat + self.beta

    def backward(self, dout):
        self.dbeta = dout.sum(axis=0)  #@ bg
        self.dgamma = (dout * self.xhat).sum(axis=0)  #@ drop slug=batchnorm-gradient term=self.xhat
        dxhat = dout * self.gamma
        return self.inv_std * (dxhat - dxhat.mean(axis=0) - self.xhat * (dxhat * self.xhat).mean(axis=0))  #@ drop slug=batchnorm-gradient term=dxhat.mean(axis=0) ; drop slug=batchnorm-gradient term=self.xhat*(dxhat*self.xhat).mean(axis=0) ; drop slug=batchnorm-gradient term=self.inv_std ; swap slug=batchnorm-gradient old=dxhat-dxhat.mean(axis=0)-self.xhat*(dxhat*self.xhat).mean(axis=0) new=dxhat


rng = np.random.default_rng(1)
X = rng.normal(2, 3, (40, 4))
y = np.where(X[:, :1] > X[:, 1:2], 1.0, -1.0) * X[:, 2:3] / 3

W1 = rng.normal(size=(4, 8))
bn = BatchNorm(8)
W2 = rng.normal(size=(8, 1)) * 0.3
b2 = np.zeros(1)

for epoch in range(300):
    s = X @ W1  #@ theta W1,bn.gamma,bn.beta,W2,b2
    n = bn.forward(s)
    h = np.maximum(n, 0)
    out = h @ W2 + b2
    loss = ((out - y) ** 2).mean()  #@ loss loss
    dout = 2 * (out - y) / len(X)  #@ scale n=len(X) u=1 ; swap slug=gradient-ascent old=out-y new=y-out
    dW2, db2 = h.T @ dout, dout.sum(axis=0)  #@ bg ; wg x=h bad=n
    dn = dout @ W2.T * (n > 0)  #@ act f=relu d=(n>0) a=h z=n
    dW1 = X.T @ bn.backward(dn)  #@ grad dW1,bn.dgamma,bn.dbeta,dW2,db2
    for p, g in [(W1, dW1), (bn.gamma, bn.dgamma), (bn.beta, bn.dbeta), (W2, dW2), (b2, db2)]:
        p -= 0.05 * g  #@ upd local=p
    if epoch % 100 == 0:
        print(epoch, loss)
test = bn.forward(X @ W1, training=False)  #@ swap slug=batchnorm-eval old=False new=True
print("eval", ((np.maximum(test, 0) @ W2 + b2 - y) ** 2).mean())
