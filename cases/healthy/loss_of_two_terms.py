"""A variational autoencoder whose two terms of the loss are returned side by side; nothing adds them up."""

import numpy as np

rng = np.random.default_rng(41)
patterns = rng.integers(0, 2, size=(3, 10)).astype(float)
data = np.clip(patterns[rng.integers(0, 3, 90)] + 0.05 * rng.normal(size=(90, 10)), 0.02, 0.98)

enc = 0.3 * rng.normal(size=(10, 14))
to_mean, to_log = 0.3 * rng.normal(size=(14, 3)), 0.1 * rng.normal(size=(14, 3))
dec, out = 0.3 * rng.normal(size=(3, 14)), 0.3 * rng.normal(size=(14, 10))


def losses(x, noise):
    h = np.tanh(x @ enc)
    mean, log_var = h @ to_mean, h @ to_log
    spread = np.exp(0.5 * log_var)
    code = mean + spread * noise
    g = np.tanh(code @ dec)
    p = 1 / (1 + np.exp(-(g @ out)))
    rebuilt = -np.sum(x * np.log(p) + (1 - x) * np.log(1 - p)) / len(x)
    divergence = -0.5 * np.sum(1 + log_var - mean**2 - spread**2) / len(x)

    d_out = (p - x) / len(x)
    d_g = d_out @ out.T * (1 - g**2)
    d_code = d_g @ dec.T
    d_mean = d_code + mean / len(x)
    d_log = d_code * noise * spread / 2 + (spread**2 - 1) / (2 * len(x))
    d_h = (d_mean @ to_mean.T + d_log @ to_log.T) * (1 - h**2)
    slopes = (x.T @ d_h, h.T @ d_mean, h.T @ d_log, code.T @ d_g, g.T @ d_out)
    return rebuilt, divergence, slopes


for epoch in range(120):
    batch = data[rng.choice(90, 30, replace=False)]
    rebuilt, divergence, slopes = losses(batch, rng.normal(size=(30, 3)))
    for weights, slope in zip((enc, to_mean, to_log, dec, out), slopes):
        weights -= 0.2 * slope
    if epoch % 30 == 0:
        print(f"{epoch:4d}: reconstruction {rebuilt:.3f}, divergence {divergence:.3f}")
