import numpy as np

# a lamp with two switches; the rate falls slowly
rng = np.random.default_rng(49)
switches = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
lamp = np.array([[0], [1], [1], [0]], dtype=float)
hidden = {"w": 2 * rng.normal(size=(2, 6)), "b": rng.normal(size=6)}
output = {"w": 2 * rng.normal(size=(6, 1)), "b": np.full(1, 1.5)}

for epoch in range(900):
    rate = 0.5 / (1 + 0.001 * epoch)
    h = np.tanh(switches @ hidden["w"] + hidden["b"])
    p = 1 / (1 + np.exp(-(h @ output["w"] + output["b"])))
    loss = -np.mean(lamp * np.log(p) + (1 - lamp) * np.log(1 - p))
    d = (p - lamp) / len(lamp)
    dh = d @ output["w"].T * (1 - h**2)
    output["w"] -= rate * h.T @ d
    output["b"] -= rate * d.sum(axis=0)
    hidden["w"] -= rate * switches.T @ dh
    hidden["b"] -= rate * dh.sum(axis=0)
print(loss, p.ravel())
