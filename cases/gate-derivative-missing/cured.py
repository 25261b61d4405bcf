import numpy as np


def logistic(u):
    return 1.0 / (1.0 + np.exp(-u))


class MinimalGatedUnit:
    """A recurrent cell with one gate: h = (1 - f) h + f tanh(...)."""

    def __init__(self, inputs, hidden, rng):
        self.hidden = hidden
        self.Wf = rng.normal(0, 0.5, (hidden, inputs + hidden))
        self.Wc = rng.normal(0, 0.5, (hidden, inputs + hidden))
        self.w = rng.normal(0, 1, hidden)

    def forward(self, sequence):
        h = np.zeros(self.hidden)
        self.steps = []
        for x in sequence:
            u = np.concatenate([x, h])
            f = logistic(self.Wf @ u)
            v = np.concatenate([x, f * h])
            c = np.tanh(self.Wc @ v)
            self.steps.append((u, v, f, c, h))
            h = (1 - f) * h + f * c
        self.last = h
        return self.w @ h

    def backward(self, error):
        n = self.Wc.shape[1] - self.hidden
        gWf, gWc = np.zeros_like(self.Wf), np.zeros_like(self.Wc)
        gw, dh = error * self.last, error * self.w
        for u, v, f, c, h in reversed(self.steps):
            dc = dh * f * (1 - c ** 2)
            gWc += np.outer(dc, v)
            dv = (self.Wc.T @ dc)[n:]
            df = dh * (c - h) + dv * h
            dz = df * f * (1 - f)
            gWf += np.outer(dz, u)
            dh = dh * (1 - f) + dv * f + (self.Wf.T @ dz)[n:]
        return gWf, gWc, gw


rng = np.random.default_rng(31)
cell = MinimalGatedUnit(2, 4, rng)
data = [rng.normal(size=(5, 2)) for _ in range(12)]
targets = [s[0, 0] - s[2, 1] for s in data]
for epoch in range(25):
    total = 0.0
    for sequence, target in zip(data, targets):
        error = cell.forward(sequence) - target
        total += 0.5 * error ** 2
        gWf, gWc, gw = cell.backward(error)
        cell.Wf -= 0.05 * gWf
        cell.Wc -= 0.05 * gWc
        cell.w -= 0.05 * gw
    print(epoch, round(float(total), 4))
