import numpy as np

# Sentences of different length, filled up with token 0, whose vector stays 0 for good.
rng = np.random.default_rng(12)
PAD, VOCAB, DIM = 0, 9, 5
lengths = rng.integers(2, 6, size=20)
tokens = np.full((20, 5), PAD)
for row, n in zip(tokens, lengths):
    row[:n] = rng.integers(1, VOCAB, size=n)
wanted = (tokens == 3).sum(axis=1) + 0.5 * (tokens > 5).sum(axis=1)
wanted = (wanted / 2 - 0.5)[:, None]

E = rng.normal(0, 0.5, size=(VOCAB, DIM))
E[PAD] = 0
W1, b1 = rng.normal(size=(DIM, 6)) * 0.6, np.zeros(6)
W2, b2 = rng.normal(size=(6, 1)) * 0.6, np.zeros(1)

for epoch in range(120):
    bag = E[tokens].sum(axis=1)
    h = np.tanh(bag @ W1 + b1)
    y = h @ W2 + b2
    loss = np.mean((y - wanted) ** 2)

    dy = 2 * (y - wanted) / len(y)
    dz = dy @ W2.T * (1 - h ** 2)
    dbag = dz @ W1.T
    dE = np.zeros_like(E)
    np.add.at(dE, tokens, np.repeat(dbag[:, None, :], tokens.shape[1], axis=1))
    dE[PAD] = 0
    E -= 0.1 * dE
    W2 -= 0.1 * h.T @ dy
    b2 -= 0.1 * dy.sum(axis=0)
    W1 -= 0.1 * bag.T @ dz
    b1 -= 0.1 * dz.sum(axis=0)
    if epoch % 30 == 0:
        print(epoch, loss)
