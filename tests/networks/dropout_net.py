import numpy as np


class Dropout:
    def __init__(self, keep, seed):
        self.keep, self.rng = keep, np.random.default_rng(seed)

    def forward(self, x, train):
        if not train:
            return x
        self.mask = (self.rng.random(x.shape) < self.keep) / self.keep
        return x * self.mask

    def backward(self, d):
        return d * self.mask  #@ drop slug=dropout-mask term=self.mask ; swap slug=dropout-mask old=self.mask new=(self.mask>0) ; swap slug=dropout-mask old=self.mask new=((self.rng.random(d.shape)<self.keep)/self.keep) ; swap slug=dropout-mask old=self.mask new=(self.mask/self.keep)


class Net:
    def __init__(self):
        g = np.random.default_rng(71)
        self.w1, self.b1 = g.normal(size=(6, 20)) / np.sqrt(6), np.zeros(20)
        self.w2, self.b2 = g.normal(size=(20, 3)) / np.sqrt(20), np.zeros(3)
        self.drop = Dropout(0.7, 5)

    def forward(self, x, train=True):
        self.x = x
        self.z = x @ self.w1 + self.b1
        self.h = self.drop.forward(np.maximum(self.z, 0), train)
        s = self.h @ self.w2 + self.b2
        s = np.exp(s - s.max(axis=1, keepdims=True))
        return s / s.sum(axis=1, keepdims=True)  #@ swap slug=softmax-axis old=s.sum(axis=1,keepdims=True) new=s.sum()

    def backward(self, p, t):
        d = (p - t) / len(t)  #@ scale n=len(t) u=1 ; delta out=p ; swap slug=gradient-ascent old=p-t new=t-p
        gw2, gb2 = self.h.T @ d, d.sum(axis=0)  #@ bg ; wg x=self.h bad=self.z
        dz = self.drop.backward(d @ self.w2.T) * (self.z > 0)  #@ act f=relu d=(self.z>0) z=self.z
        return self.x.T @ dz, dz.sum(axis=0), gw2, gb2  #@ bg


g = np.random.default_rng(72)
X = g.normal(size=(80, 6))
T = np.eye(3)[np.argmax(X[:, :3] + X[:, 3:] ** 2, axis=1)]
net = Net()
for it in range(300):
    p = net.forward(X)  #@ theta net.w1,net.b1,net.w2,net.b2
    loss = -np.sum(T * np.log(p)) / len(X)  #@ loss loss
    gw1, gb1, gw2, gb2 = net.backward(p, T)  #@ grad gw1,gb1,gw2,gb2
    net.w1 -= 0.5 * gw1  #@ upd
    net.b1 -= 0.5 * gb1  #@ upd
    net.w2 -= 0.5 * gw2  #@ upd
    net.b2 -= 0.5 * gb2  #@ upd
    if it % 100 == 0:
        print(it, loss)
print("accuracy", np.mean(net.forward(X, train=False).argmax(1) == T.argmax(1)))  #@ swap slug=dropout-at-test old=False new=True
