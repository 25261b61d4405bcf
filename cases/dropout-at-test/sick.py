import numpy as np

# yield of a field by rain and sun, with half of the hidden units dropped in training
rng = np.random.default_rng(44)
weather = rng.uniform(-1, 1, size=(50, 2))
harvest = np.cos(2 * weather[:, :1]) * weather[:, 1:]


class Dropout:
    def __init__(self, keep):
        self.keep = keep
        self.training = True

    def forward(self, a):
        self.mask = (rng.uniform(size=a.shape) < self.keep) / self.keep
        return a * self.mask

    def backward(self, grad):
        return grad * self.mask


drop = Dropout(0.5)
A, a0 = rng.normal(size=(2, 16)), np.zeros(16)
B, b0 = rng.normal(size=(16, 1)) / 4, np.zeros(1)


def predict(x):
    global h, kept
    h = np.tanh(x @ A + a0)
    kept = drop.forward(h)
    return kept @ B + b0


for epoch in range(250):
    out = predict(weather)
    cost = np.mean((out - harvest) ** 2)
    d_out = 2 * (out - harvest) / len(weather)
    d_hidden = drop.backward(d_out @ B.T) * (1 - h**2)
    B -= 0.1 * kept.T @ d_out
    b0 -= 0.1 * d_out.sum(axis=0)
    A -= 0.1 * weather.T @ d_hidden
    a0 -= 0.1 * d_hidden.sum(axis=0)

drop.training = False
print("error", np.mean((predict(weather) - harvest) ** 2))
