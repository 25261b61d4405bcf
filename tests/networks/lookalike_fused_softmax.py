# p - y without any softmax derivative: softmax and cross-entropy fused
import numpy as np


class Head:
    def forward(self, s, onehot):
        s = s - s.max(axis=1, keepdims=True)
        self.logp = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
        self.onehot = onehot
        return -(self.logp * onehot).sum() / len(s)

    def backward(self):
        return (np.exp(self.logp) - self.onehot) / len(self.onehot)  #@ scale n=len(self.onehot) u=1


rng = np.random.default_rng(77)
X = rng.normal(size=(45, 3))
T = np.eye(2)[(X ** 2).sum(1).astype(int) % 2]
A, c, B, d = rng.normal(size=(3, 9)), np.zeros(9), rng.normal(size=(9, 2)), np.zeros(2)
head = Head()
for epoch in range(200):
    Z = X @ A + c  #@ theta A,c,B,d
    H = np.where(Z > 0, Z, np.expm1(np.minimum(Z, 0)))
    loss = head.forward(H @ B + d, T)  #@ loss loss
    delta = head.backward()
    gB, gd = H.T @ delta, delta.sum(0)  #@ wg x=H bad=Z ; bg
    back = delta @ B.T * np.where(Z > 0, 1.0, H + 1.0)  #@ act f=smooth d=np.where(Z>0,1.0,H+1.0) a=H z=Z
    gA, gc = X.T @ back, back.sum(0)  #@ grad gA,gc,gB,gd ; bg
    A -= 0.3 * gA  #@ upd
    c -= 0.3 * gc  #@ upd
    B -= 0.3 * gB  #@ upd
    d -= 0.3 * gd  #@ upd
print("loss", loss)
