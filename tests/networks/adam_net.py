import numpy as np


class Adam:
    def __init__(self, params, lr=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
        self.params = params
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.m = [np.zeros_like(p) for p in params]
        self.v = [np.zeros_like(p) for p in params]  #@ stmt slug=aliased-state new=self.v~=~self.m
        self.t = 0

    def step(self, grads):
        self.t += 1  #@ stmt slug=optimizer-rule new=self.t~=~1
        for i, g in enumerate(grads):
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g  #@ swap slug=optimizer-state-reset old=self.m[i] new=0 ; swap slug=optimizer-rule old=(1-self.beta1)*g new=g
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * g * g  #@ swap slug=optimizer-rule old=(1-self.beta2)*g*g new=(1-self.beta2)*g ; swap slug=optimizer-state-reset old=self.v[i] new=0
            m_hat = self.m[i] / (1 - self.beta1 ** self.t)  #@ swap slug=optimizer-rule old=self.beta1**self.t new=self.beta1*self.t skip=1
            v_hat = self.v[i] / (1 - self.beta2 ** self.t)
            self.params[i] -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)  #@ upd ; swap slug=optimizer-rule old=np.sqrt(v_hat) new=v_hat ; swap slug=optimizer-state-reset old=m_hat new=np.sign(g) skip=1


rng = np.random.default_rng(99)
X = rng.standard_normal((64, 4))
y = np.tanh(X[:, :1] - X[:, 1:2] * X[:, 2:3])

W1, b1 = rng.standard_normal((4, 16)) / 2, np.zeros(16)
W2, b2 = rng.standard_normal((16, 8)) / 4, np.zeros(8)
W3, b3 = rng.standard_normal((8, 1)) / 3, np.zeros(1)
optimizer = Adam([W1, b1, W2, b2, W3, b3])

for epoch in range(250):
    z1 = X @ W1 + b1  #@ theta optimizer.params
    a1 = np.maximum(z1, 0)
    z2 = a1 @ W2 + b2
    a2 = np.maximum(z2, 0)
    pred = a2 @ W3 + b3
    loss = ((pred - y) ** 2).mean()  #@ loss loss

    dpred = 2 * (pred - y) / len(X)  #@ swap slug=gradient-ascent old=pred-y new=y-pred
    dW3 = a2.T @ dpred  #@ wg x=a2 bad=z2,a2*a2
    db3 = dpred.sum(axis=0)  #@ bg
    dz2 = (dpred @ W3.T) * (z2 > 0)  #@ act f=relu d=(z2>0) a=a2 z=z2
    dW2 = a1.T @ dz2  #@ wg x=a1 bad=z1
    db2 = dz2.sum(axis=0)  #@ bg
    dz1 = (dz2 @ W2.T) * (z1 > 0)  #@ act f=relu d=(z1>0) a=a1 z=z1 ; err e=dz2 raw=dpred*W3.T
    dW1 = X.T @ dz1
    db1 = dz1.sum(axis=0)  #@ bg ; grad dW1,db1,dW2,db2,dW3,db3
    optimizer.step([dW1, db1, dW2, db2, dW3, db3])
    if epoch % 50 == 0:
        print(f"{epoch} {loss:.6f}")
