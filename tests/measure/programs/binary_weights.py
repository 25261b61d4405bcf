import numpy as np

# The network sees the signs of the first weights; what is learned are the numbers behind them.

rng = np.random.default_rng(61)
x = rng.normal(size=(80, 5))
t = np.tanh(x[:, :1] - 0.6 * x[:, 2:3])
hidden, bias = 0.4 * rng.normal(size=(5, 12)), np.zeros(12)
out, offset = 0.4 * rng.normal(size=(12, 1)), np.zeros(1)
for k in range(120):
    signs = 0.4 * np.sign(hidden)
    h = np.tanh(x @ signs + bias)
    y = h @ out + offset
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(x)
    dz = d @ out.T * (1 - h**2)
    hidden = np.clip(hidden - 0.1 * x.T @ dz, -1, 1)
    bias -= 0.1 * dz.sum(axis=0)
    out -= 0.1 * h.T @ d
    offset -= 0.1 * d.sum(axis=0)
print(loss)
