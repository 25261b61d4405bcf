"""Bright and dark pictures told apart; the pixels are brought to the range from 0 to 1 before the first layer."""
import numpy as np

rng = np.random.default_rng(18)
pictures = rng.uniform(0, 255, size=(30, 16))
bright = (pictures.mean(axis=1, keepdims=True) > 127).astype(float)
W1, b1 = 0.3 * rng.normal(size=(16, 6)), np.zeros(6)
W2, b2 = 0.3 * rng.normal(size=(6, 1)), np.zeros(1)


def forward(x):
    x /= 255
    h = np.tanh(x @ W1 + b1)
    return x, h, 1 / (1 + np.exp(-(h @ W2 + b2)))


for epoch in range(100):
    x, h, p = forward(pictures)
    loss = -np.mean(bright * np.log(p) + (1 - bright) * np.log(1 - p))
    d2 = (p - bright) / len(x)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.3 * h.T @ d2
    b2 -= 0.3 * d2.sum(axis=0)
    W1 -= 0.3 * x.T @ d1
    b1 -= 0.3 * d1.sum(axis=0)
print(f"loss {loss:.4f}")
