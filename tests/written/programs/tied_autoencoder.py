import numpy as np

rng = np.random.default_rng(21)
D, H, N = 8, 3, 40
basis = rng.normal(size=(H, D))
data = np.tanh(rng.normal(size=(N, H)) @ basis)

W = rng.normal(0, 0.3, (D, H))
b_enc = np.zeros(H)
b_dec = np.zeros(D)


def encode(x):
    return 1.0 / (1.0 + np.exp(-(x @ W + b_enc)))


def decode(h):
    return h @ W.T + b_dec


def reconstruction_loss(x):
    return 0.5 * np.sum((decode(encode(x)) - x) ** 2) / len(x)


def gradients(x):
    h = encode(x)
    d_out = (decode(h) - x) / len(x)
    # encoder
    d_h = d_out @ W
    d_pre = d_h * h * (1 - h)
    dW = x.T @ d_pre
    # decoder, uses W.T
    dW += d_out.T @ h
    return dW, d_pre.sum(axis=0), d_out.sum(axis=0)


def train(steps=600, rate=0.2):
    global W, b_enc, b_dec
    for s in range(steps):
        gW, ge, gd = gradients(data)
        W = W - rate * gW
        b_enc = b_enc - rate * ge
        b_dec = b_dec - rate * gd
        if s % 150 == 0:
            print("step", s, "loss", reconstruction_loss(data))


if __name__ == "__main__":
    train()
    print("end", reconstruction_loss(data))
