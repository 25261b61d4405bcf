import numpy as np

# next day's temperature above or below the mean; a list of layers that are all alike
rng = np.random.default_rng(42)
days = np.arange(80)
season = np.sin(days / 9.0) + 0.1 * rng.normal(size=80)
x = np.column_stack([season[:-3], season[1:-2], season[2:-1]])
y = season[3:, None]


def relu(v):
    return np.where(v > 0, v, 0.0)


layers = []
for n_in, n_out in ((3, 10), (10, 1)):
    layers.append({"W": rng.normal(size=(n_in, n_out)) * np.sqrt(2 / n_in), "b": np.full(n_out, 0.1)})

for epoch in range(150):
    signals, sums = [x], []
    for layer in layers:
        sums.append(signals[-1] @ layer["W"] + layer["b"])
        signals.append(relu(sums[-1]))
    prediction = sums[-1]
    loss = np.mean((prediction - y) ** 2)
    grad = 2 * (prediction - y) / len(x)
    for k in (1, 0):
        layer = layers[k]
        below = grad @ layer["W"].T
        layer["W"] -= 0.05 * signals[k].T @ grad
        layer["b"] -= 0.05 * grad.sum(axis=0)
        if k:
            grad = below * (sums[k - 1] > 0)
print(loss)
