import numpy as np
CONFIG = {"hidden": 8, "learning_rate": 30.0, "epochs": 150}

def relu(z):
    return np.maximum(z, 0)

def run(cfg):
    rng = np.random.default_rng(11)
    x = rng.uniform(-1, 1, size=(24, 3))
    t = x[:, :1] ** 2 - x[:, 1:2]
    A = rng.normal(size=(3, cfg["hidden"])) * 0.6
    a = np.zeros(cfg["hidden"])
    B = rng.normal(size=(cfg["hidden"], 1)) * 0.5
    b = np.zeros(1)
    eta = cfg["learning_rate"]
    for epoch in range(cfg["epochs"]):
        z = x @ A + a
        h = np.tanh(z)
        y = h @ B + b
        loss = np.mean((y - t) ** 2)
        d = 2 * (y - t) / len(x)
        dz = d @ B.T * (1 - h ** 2)
        A -= eta * x.T @ dz
        a -= eta * dz.sum(0)
        B -= eta * h.T @ d
        b -= eta * d.sum(0)
    return loss

print(run(CONFIG))
