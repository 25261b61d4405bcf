# logistic net with no loss anywhere: (out - y) is the cross-entropy gradient
import numpy as np


class TinyNet:
    def __init__(self, hidden=5):
        g = np.random.default_rng(8)
        self.w1 = g.normal(size=(3, hidden))  #@ init
        self.w2 = g.normal(size=(hidden + 1, 1))  #@ init

    @staticmethod
    def add_bias(m):
        return np.hstack([m, np.ones((m.shape[0], 1))])

    def train(self, x, y, lr=0.5, steps=500):
        xb = self.add_bias(x)
        for _ in range(steps):
            z1 = xb @ self.w1  #@ theta self.w1,self.w2 ; silent
            h = np.tanh(z1)
            hb = self.add_bias(h)
            out = 1 / (1 + np.exp(-hb @ self.w2))
            delta2 = (out - y) / len(x)  #@ loss -np.mean(y*np.log(out)+(1-y)*np.log(1-out)) ; delta out=out ; swap slug=gradient-ascent old=(out-y) new=(y-out) ; scale n=len(x) u=1
            delta1 = delta2 @ self.w2[:-1].T * (1 - h ** 2)  #@ act f=tanh d=(1-h**2) a=h z=z1 ; mark uses_w2
            self.w2 -= lr * hb.T @ delta2  #@ upd before=uses_w2
            self.w1 -= lr * xb.T @ delta1  #@ upd ; implied lr

    def predict(self, x):
        h = np.tanh(self.add_bias(x) @ self.w1)
        return self.add_bias(h) @ self.w2 > 0


data = np.random.default_rng(9).uniform(-2, 2, (60, 2))
target = (data[:, :1] ** 2 + data[:, 1:] ** 2 < 2).astype(float)
net = TinyNet()
net.train(data, target)
print("accuracy", (net.predict(data) == target).mean())
