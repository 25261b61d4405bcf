import numpy as np


class SwishNet:
    def __init__(self, inputs, hidden, outputs, eta=0.1, seed=1):
        gen = np.random.default_rng(seed)
        self.__w1 = gen.normal(0, 0.8, (inputs, hidden))  #@ init
        self.__w2 = gen.normal(0, 0.8, (hidden, outputs))  #@ init
        self.__b1 = np.zeros((1, hidden))
        self.__b2 = np.zeros((1, outputs))
        self.__eta = eta

    @property
    def eta(self):
        return self.__eta

    def __sigmoid(self, v):
        return 1 / (1 + np.exp(-v))

    def __call__(self, x):
        self.__x = x
        self.__z = x @ self.__w1 + self.__b1
        self.__s = self.__sigmoid(self.__z)
        self.__h = self.__z * self.__s
        return self.__h @ self.__w2 + self.__b2

    def learn(self, x, y):
        out = self(x)  #@ theta self.__w1,self.__b1,self.__w2,self.__b2
        diff = out - y
        loss = float(np.mean(diff ** 2))  #@ loss loss
        d2 = 2 * diff / diff.size  #@ scale n=diff.size u=1 ; swap slug=gradient-ascent old=diff/diff.size new=-diff/diff.size skip=1
        g_w2, g_b2 = self.__h.T @ d2, d2.sum(0, keepdims=True)  #@ wg x=self.__h bad=self.__z,self.__s ; bg
        swish_prime = self.__s + self.__h * (1 - self.__s)  #@ drop slug=wrong-activation-derivative term=self.__s ; drop slug=wrong-activation-derivative term=self.__h*(1-self.__s) ; swap slug=wrong-activation-derivative old=1-self.__s new=1-self.__h
        d1 = (d2 @ self.__w2.T) * swish_prime  #@ act f=smooth d=swish_prime a=self.__h z=self.__z
        g_w1, g_b1 = self.__x.T @ d1, d1.sum(0, keepdims=True)  #@ grad g_w1,g_b1,g_w2,g_b2 ; bg
        self.__w1 -= self.eta * g_w1  #@ upd
        self.__b1 -= self.eta * g_b1  #@ upd
        self.__w2 -= self.eta * g_w2  #@ upd
        self.__b2 -= self.eta * g_b2  #@ upd
        return loss


grid = np.linspace(-2, 2, 7)
points = np.array([[p, q] for p in grid for q in grid])
values = np.sin(points[:, :1]) * points[:, 1:]
net = SwishNet(2, 8, 1)
for n in range(500):
    loss = net.learn(points, values)
    if n % 125 == 0:
        print(f"{n:4d}: {loss:.4f}")
