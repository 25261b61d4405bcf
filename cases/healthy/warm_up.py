import numpy as np

# the rate begins near zero and is raised over two hundred steps, then lowered along a cosine
rng = np.random.default_rng(63)
X = rng.normal(size=(64, 3))
T = (X[:, :1] * X[:, 1:2] > 0).astype(float)
params = {
    "W": rng.normal(size=(3, 12)) / np.sqrt(3), "b": np.zeros(12),
    "V": rng.normal(size=(12, 1)) / np.sqrt(12), "c": np.zeros(1),
}


def rate(step, peak=0.8, warm=200, total=800):
    if step < warm:
        return peak * (step + 1) / warm
    return 0.5 * peak * (1 + np.cos(np.pi * (step - warm) / (total - warm)))


for step in range(800):
    h = np.tanh(X @ params["W"] + params["b"])
    p = 1 / (1 + np.exp(-(h @ params["V"] + params["c"])))
    loss = -np.mean(T * np.log(p) + (1 - T) * np.log(1 - p))
    d = (p - T) / len(X)
    dh = d @ params["V"].T * (1 - h**2)
    grads = {"W": X.T @ dh, "b": dh.sum(axis=0), "V": h.T @ d, "c": d.sum(axis=0)}
    for name, g in grads.items():
        params[name] -= rate(step) * g
print(loss)
