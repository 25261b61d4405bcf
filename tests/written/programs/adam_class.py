import numpy as np


class Adam:
    def __init__(self, lr=0.01, b1=0.9, b2=0.999, eps=1e-8):
        self.lr, self.b1, self.b2, self.eps = lr, b1, b2, eps
        self.t = 0
        self.m, self.v = {}, {}

    def step(self, params, grads):
        self.t += 1
        for name in params:
            g = grads[name]
            self.m[name] = self.b1 * self.m.get(name, 0.0) + (1 - self.b1) * g
            self.v[name] = self.b2 * self.v.get(name, 0.0) + (1 - self.b2) * g * g
            mh = self.m[name] / (1 - self.b1 ** self.t)
            vh = self.v[name] / (1 - self.b2 ** self.t)
            params[name] -= self.lr * mh / (np.sqrt(vh) + self.eps)


def softplus(z):
    return np.logaddexp(0.0, z)


def forward(params, x):
    z1 = x @ params["W1"] + params["b1"]
    h = softplus(z1)
    return z1, h, h @ params["W2"] + params["b2"]


def loss(params, x, y):
    return np.mean((forward(params, x)[2] - y) ** 2)


def grad(params, x, y):
    z1, h, out = forward(params, x)
    d = 2.0 * (out - y) / y.size
    dz1 = (d @ params["W2"].T) / (1.0 + np.exp(-z1))
    return {"W1": x.T @ dz1, "b1": dz1.sum(0), "W2": h.T @ d, "b2": d.sum(0)}


rs = np.random.RandomState(8)
X = rs.uniform(-2, 2, (64, 2))
Y = (np.sin(X[:, :1]) + 0.3 * X[:, 1:] ** 2)
params = {
    "W1": rs.randn(2, 12) * 0.7, "b1": np.zeros(12),
    "W2": rs.randn(12, 1) * 0.3, "b2": np.zeros(1),
}
opt = Adam(lr=0.02)

if __name__ == "__main__":
    for epoch in range(300):
        opt.step(params, grad(params, X, Y))
        if epoch % 75 == 0:
            print(epoch, loss(params, X, Y))
    print("final loss", loss(params, X, Y))
