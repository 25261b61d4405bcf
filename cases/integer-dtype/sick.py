"""Two noisy half moons told apart by a small network, with the first weights rounded to whole numbers."""
import numpy as np

rng = np.random.default_rng(17)
angle = rng.uniform(0, np.pi, size=60)
upper = np.arange(60) < 30
X = np.where(upper[:, None], np.c_[np.cos(angle), np.sin(angle)], np.c_[1 - np.cos(angle), 0.4 - np.sin(angle)])
X = X + 0.1 * rng.normal(size=X.shape)
labels = upper.astype(float)[:, None]

hidden = np.round(2 * rng.normal(size=(2, 8))).astype(int)
hidden_bias = np.zeros(8)
out = 0.5 * rng.normal(size=(8, 1))
out_bias = np.zeros(1)

for epoch in range(200):
    a = np.tanh(X @ hidden + hidden_bias)
    p = 1 / (1 + np.exp(-(a @ out + out_bias)))
    loss = -np.mean(labels * np.log(p) + (1 - labels) * np.log(1 - p))
    delta = (p - labels) / len(X)
    back = delta @ out.T * (1 - a**2)
    out -= 0.5 * a.T @ delta
    out_bias -= 0.5 * delta.sum(axis=0)
    hidden[:] = hidden - 0.5 * X.T @ back
    hidden_bias -= 0.5 * back.sum(axis=0)
print(f"loss {loss:.4f}")
