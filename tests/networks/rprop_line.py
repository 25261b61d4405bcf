import numpy as np

# Resilient propagation of three numbers: each has its own step, which grows while the slope keeps its sign.
rng = np.random.default_rng(8)
t = np.linspace(-1, 1, 40)
y = np.tanh(1.7 * t - 0.4) * 0.8


class Curve:
    def __init__(self):
        self.p = [0.5, 0.1, 0.3]
        self.size = [0.01, 0.01, 0.01]
        self.sign = [0.0, 0.0, 0.0]

    def forward(self):
        a, b, c = self.p
        s = np.tanh(a * t + b)
        return s, c * s

    def slopes(self):
        a, b, c = self.p  #@ theta self.p
        s, out = self.forward()
        e = 2 * (out - y) / len(t)  #@ loss np.mean((out - y) ** 2)
        d = e * c * (1 - s**2)
        ga, gb, gc = np.sum(d * t), np.sum(d), np.sum(e * s)  #@ grad [ga,gb,gc]
        return ga, gb, gc

    def step(self):
        sign = np.sign(self.slopes())
        for i in range(3):
            self.size[i] *= 1.2 if sign[i] == self.sign[i] else 0.5
            self.p[i] -= sign[i] * self.size[i]
        self.sign = sign


curve = Curve()
for step in range(200):
    curve.step()
print(curve.p, np.mean((curve.forward()[1] - y) ** 2))
