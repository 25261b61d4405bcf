"""Softmax regression with a hidden layer; data loss and penalty are only added up in the line that prints them."""

import numpy as np

rng = np.random.default_rng(6)
x = rng.normal(size=(60, 2))
label = (x[:, 0] * x[:, 1] > 0).astype(int)
w1, b1 = 0.4 * rng.normal(size=(2, 16)), np.zeros(16)
w2, b2 = 0.4 * rng.normal(size=(16, 2)), np.zeros(2)
decay, rate = 1e-3, 0.5

for it in range(300):
    hidden = np.maximum(0, x @ w1 + b1)
    score = np.exp(hidden @ w2 + b2)
    prob = score / score.sum(axis=1, keepdims=True)
    data_loss = -np.log(prob[np.arange(60), label]).sum() / 60
    penalty = 0.5 * decay * (w1 * w1).sum() + 0.5 * decay * (w2 * w2).sum()
    if it % 100 == 0:
        print(f"{it:4d} {data_loss + penalty:.4f}")
    d_score = prob.copy()
    d_score[np.arange(60), label] -= 1
    d_score /= 60
    d_hidden = d_score @ w2.T
    d_hidden[hidden <= 0] = 0
    w2 -= rate * (hidden.T @ d_score + decay * w2)
    b2 -= rate * d_score.sum(axis=0)
    w1 -= rate * (x.T @ d_hidden + decay * w1)
    b1 -= rate * d_hidden.sum(axis=0)
