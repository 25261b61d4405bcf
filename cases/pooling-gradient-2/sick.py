import numpy as np

np.random.seed(22)


def pool(a, width):
    """Maximum over time: (samples, time, channels) -> (samples, time // width, channels)."""
    n, time, channels = a.shape
    blocks = a.reshape(n, time // width, width, channels)
    return blocks.max(axis=2), blocks


def pool_back(d, blocks):
    hit = blocks == blocks.max(axis=2, keepdims=True)
    spread = np.repeat(d[:, :, None, :], blocks.shape[2], axis=2)
    return (spread / blocks.shape[2]).reshape(len(d), -1, d.shape[2])


# which of two motifs stands somewhere in the signal?
motifs = np.array([[1.0, -1.0, 1.0], [-1.0, 1.0, 1.0]])
signals = 0.2 * np.random.randn(30, 14)
kinds = np.random.randint(0, 2, 30)
for s, kind in zip(signals, kinds):
    start = np.random.randint(0, 12)
    s[start:start + 3] += motifs[kind]

windows = np.stack([signals[:, k:k + 12] for k in range(3)], axis=2)
kernel = 0.7 * np.random.randn(3, 5)
shift = 0.1 * np.random.randn(5)
readout = 0.4 * np.random.randn(15, 2)

for epoch in range(120):
    conv = np.tanh(windows @ kernel + shift)
    pooled, blocks = pool(conv, 4)
    flat = pooled.reshape(30, -1)
    scores = flat @ readout
    scores = scores - scores.max(1, keepdims=True)
    probs = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    cost = -np.log(probs[np.arange(30), kinds]).mean()

    d_scores = (probs - np.eye(2)[kinds]) / 30
    d_pooled = (d_scores @ readout.T).reshape(pooled.shape)
    d_conv = pool_back(d_pooled, blocks) * (1 - conv ** 2)
    readout -= 0.5 * flat.T @ d_scores
    kernel -= 0.5 * np.einsum("ntk,ntc->kc", windows, d_conv)
    shift -= 0.5 * d_conv.sum(axis=(0, 1))
    if epoch % 30 == 0:
        print(epoch, cost, (probs.argmax(1) == kinds).mean())
