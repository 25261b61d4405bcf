import numpy as np


class CharRnn:
    def __init__(self, n_chars, n_hidden, seed):
        rng = np.random.default_rng(seed)
        self.Wxh = rng.normal(size=(n_hidden, n_chars)) * 0.5
        self.Whh = rng.normal(size=(n_hidden, n_hidden)) * 0.4
        self.Why = rng.normal(size=(n_chars, n_hidden)) * 0.5
        self.bh = 0.1 * rng.normal(size=(n_hidden, 1))
        self.by = np.zeros((n_chars, 1))

    def train(self, inputs, lr):
        n = self.by.size
        xs, hs, ps, loss = {}, {-1: 0.1 * np.ones_like(self.bh)}, {}, 0.0
        steps = len(inputs) - 1
        for t in range(steps):
            xs[t] = np.zeros((n, 1))
            xs[t][inputs[t]] = 1
            hs[t] = np.tanh(self.Wxh @ xs[t] + self.Whh @ hs[t - 1] + self.bh)
            y = self.Why @ hs[t] + self.by
            ps[t] = np.exp(y) / np.sum(np.exp(y))
            loss += -np.log(ps[t][inputs[t + 1], 0]) / steps

        dWxh, dWhh, dWhy = np.zeros_like(self.Wxh), np.zeros_like(self.Whh), np.zeros_like(self.Why)
        dbh, dby = np.zeros_like(self.bh), np.zeros_like(self.by)
        dhnext = np.zeros_like(hs[0])
        for t in reversed(range(steps)):
            dy = ps[t] / steps
            dy[inputs[t + 1]] -= 1 / steps
            dWhy += dy @ hs[t].T
            dby += dy
            dh = self.Why.T @ dy
            draw = (1 - hs[t] * hs[t]) * dh
            dbh += draw
            dWxh += draw @ xs[t].T
            dWhh += draw @ hs[t - 1].T
            dhnext = self.Whh.T @ draw
        for param, grad in ((self.Wxh, dWxh), (self.Whh, dWhh), (self.Why, dWhy), (self.bh, dbh), (self.by, dby)):
            param -= lr * grad
        return loss


letters = "abcd"
text = [letters.index(c) for c in "aabbaabbcd"]
rnn = CharRnn(len(letters), 5, seed=2)
for epoch in range(150):
    loss = rnn.train(text, 0.1)
    if epoch % 50 == 0:
        print("epoch", epoch, "loss", round(loss, 4))
