import numpy as np

rng = np.random.default_rng(29)
X = rng.normal(size=(25, 2))
t = np.eye(3)[np.digitize(X[:, 0] * X[:, 1], [-0.3, 0.3])]
p = {"W": rng.normal(size=(2, 8)), "b": 0.1 * rng.normal(size=8), "V": rng.normal(size=(8, 3)), "c": np.zeros(3)}
m = {k: np.zeros_like(v) for k, v in p.items()}
s = {k: np.zeros_like(v) for k, v in p.items()}

for step in range(1, 201):
    z = X @ p["W"] + p["b"]
    h = np.where(z > 0, z, 0.1 * z)
    score = h @ p["V"] + p["c"]
    q = np.exp(score - score.max(axis=1, keepdims=True))
    q /= q.sum(axis=1, keepdims=True)
    loss = -np.sum(t * np.log(q)) / len(X)
    d = (q - t) / len(X)
    e = d @ p["V"].T * np.where(z > 0, 1, 0.1)
    g = {"W": X.T @ e, "b": e.sum(axis=0), "V": h.T @ d, "c": d.sum(axis=0)}
    for k in p:
        m[k] = 0.9 * m[k] + 0.1 * g[k]
        s[k] = 0.999 * s[k] + 0.001 * g[k] ** 2
        m_hat = m[k] / (1 - 0.9 ** step)
        s_hat = s[k] / (1 - 0.999 ** step)
        p[k] = p[k] - 0.01 * m_hat / (np.sqrt(s_hat) + 1e-8)
    if step % 50 == 0:
        print(step, loss)
