import numpy as np


def adam(theta, grad, state, lr=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    """One step of Adam for a dictionary of arrays."""
    state["t"] += 1
    for key in theta:
        g = grad[key]
        state["m"][key] = beta1 * state["m"][key] + (1 - beta1) * g
        state["v"][key] = beta2 * state["v"][key] + (1 - beta2) * g ** 2
        m_hat = state["m"][key] / (1 - beta1 ** state["t"])
        v_hat = state["v"][key] / (1 - beta2 ** state["t"])
        theta[key] -= lr * m_hat / (np.sqrt(v_hat) + eps)


def train(x, labels, hidden, steps, rng):
    theta = {
        "W": rng.normal(size=(x.shape[1], hidden)) / np.sqrt(x.shape[1]),
        "b": np.zeros(hidden),
        "V": rng.normal(size=(hidden, labels.shape[1])) / np.sqrt(hidden),
        "c": np.zeros(labels.shape[1]),
    }
    state = {"t": 0, "m": {k: np.zeros_like(p) for k, p in theta.items()}, "v": {k: np.zeros_like(p) for k, p in theta.items()}}
    for step in range(steps):
        h = np.maximum(x @ theta["W"] + theta["b"], 0)
        z = h @ theta["V"] + theta["c"]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        loss = -np.mean(np.sum(labels * np.log(p + 1e-12), axis=1))
        dz = (p - labels) / len(x)
        dh = (dz @ theta["V"].T) * (h > 0)
        grad = {"V": h.T @ dz, "c": dz.sum(axis=0), "W": x.T @ dh, "b": dh.sum(axis=0)}
        adam(theta, grad, state)
        if step % 40 == 0:
            print(step, round(float(loss), 4))
    return theta


rng = np.random.default_rng(43)
points = rng.normal(size=(45, 2))
groups = np.eye(3)[(np.hypot(*points.T) * 1.4).astype(int).clip(0, 2)]
train(points, groups, 12, 160, rng)
