import numpy as np

def init(seed):
    r = np.random.RandomState(seed)
    return {"w1": r.randn(3, 5) * 0.5, "b1": np.zeros(5), "w2": r.randn(5, 1) * 0.5, "b2": np.zeros(1)}

def grads_of(p, x, t):
    z = x @ p["w1"] + p["b1"]
    h = np.tanh(z)
    y = h @ p["w2"] + p["b2"]
    d = (y - t) / len(x)
    g = {}
    g["w2"] = h.T @ d
    g["b2"] = d.sum(0)
    dz = (d @ p["w2"].T) * (1 - h * h)
    g["w1"] = x.T @ dz
    g["b1"] = dz.sum(0)
    return 0.5 * np.sum((y - t) ** 2) / len(x), g

r = np.random.RandomState(0)
x = r.randn(20, 3)
t = np.sin(x[:, :1]) + x[:, 1:2]
p = init(1)
for step in range(200):
    loss, g = grads_of(p, x, t)
    p["w1"] = p["w1"] - 0.1 * g["w1"]
    p["b1"] = p["b1"] - 0.1 * g["b1"]
    p["b2"] = p["b2"] - 0.1 * g["b2"]
print(loss)
