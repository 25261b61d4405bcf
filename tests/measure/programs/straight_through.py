import numpy as np

# Units that are on or off. Nothing flows back through a step, so that the slope of a sigmoid is passed on purpose.

rng = np.random.default_rng(41)
x = rng.uniform(-1, 1, (120, 3))
t = (x[:, :1] > x[:, 1:2] * x[:, 2:]).astype(float)


class Threshold:
    def forward(self, z):
        self.z = z
        return (z >= 0).astype(float)

    def backward(self, d):
        s = 1 / (1 + np.exp(-2 * self.z))
        return 2 * d * s * (1 - s)


class Affine:
    def __init__(self, m, n):
        self.weight, self.bias = rng.normal(size=(m, n)) / np.sqrt(m), 0.3 * rng.normal(size=n)

    def forward(self, a):
        self.a = a
        return a @ self.weight + self.bias

    def backward(self, d, rate):
        back = d @ self.weight.T
        self.weight -= rate * self.a.T @ d
        self.bias -= rate * d.sum(axis=0)
        return back


below, gate, above = Affine(3, 16), Threshold(), Affine(16, 1)
for k in range(150):
    p = 1 / (1 + np.exp(-above.forward(gate.forward(below.forward(x)))))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    below.backward(gate.backward(above.backward((p - t) / len(x), 0.5)), 1.0)
print(loss)
