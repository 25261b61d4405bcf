import numpy as np
rng = np.random.default_rng(16)
X = rng.normal(size=(20, 3)); t = np.sin(X[:, :1])
theta = {"W": rng.normal(size=(3, 5)), "b": np.zeros(5), "V": rng.normal(size=(5, 1)), "c": np.zeros(1)}
lr = 0.05
for k in range(100):
    h = np.tanh(X @ theta["W"] + theta["b"])
    y = h @ theta["V"] + theta["c"]
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ theta["V"].T * (1 - h ** 2)
    theta["W"] = theta["W"] - lr * X.T @ dh
    theta["b"] = theta["b"] - lr * dh.sum(axis=0)
    theta["V"] = theta["V"] + lr * h.T @ d
    theta["c"] = theta["c"] - lr * d.sum(axis=0)
print(loss)
