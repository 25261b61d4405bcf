import numpy as np

rng = np.random.default_rng(53)
inputs = 2 * rng.normal(size=(30, 3))
wanted = np.column_stack([inputs[:, 0] * inputs[:, 1], inputs[:, 2] ** 2 - 1])

weights = {"in": rng.normal(size=(3, 12)) / 2, "hidden": np.zeros(12), "out": rng.normal(size=(12, 2)) / 4, "bias": np.zeros(2)}
LIMIT = 1.5
RATE = 0.002

for iteration in range(300):
    a = np.tanh(inputs @ weights["in"] + weights["hidden"])
    y = a @ weights["out"] + weights["bias"]
    r = y - wanted
    loss = np.sum(r ** 2) / len(inputs)

    dy = 2 * r / len(inputs)
    da = dy @ weights["out"].T * (1 - a ** 2)
    grads = {"in": inputs.T @ da, "hidden": da.sum(axis=0), "out": a.T @ dy, "bias": dy.sum(axis=0)}

    # keep the whole gradient shorter than LIMIT
    length = np.sqrt(sum(np.sum(g ** 2) for g in grads.values()))
    if length > LIMIT:
        grads = {k: g * (LIMIT / length) for k, g in grads.items()}
    for k in weights:
        weights[k] -= RATE * grads[k]
    if iteration % 100 == 0:
        print(iteration, round(loss, 4))
