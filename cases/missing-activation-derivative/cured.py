import numpy as np

RATE = 0.2
rng = np.random.default_rng(2024)


def new_layer(n_in, n_out):
    return {"w": rng.normal(0, 1 / np.sqrt(n_in), (n_in, n_out)), "b": rng.normal(0, 0.1, n_out)}


def logistic(z):
    return 1 / (1 + np.exp(-z))


# two interleaved arcs
angle = rng.uniform(0, np.pi, 30)
upper = np.column_stack([np.cos(angle[:15]), np.sin(angle[:15])])
lower = np.column_stack([1 - np.cos(angle[15:]), 0.4 - np.sin(angle[15:])])
points = np.vstack([upper, lower]) + rng.normal(0, 0.05, (30, 2))
labels = np.repeat([[0.0], [1.0]], 15, axis=0)

layers = [new_layer(2, 5), new_layer(5, 4), new_layer(4, 1)]

for epoch in range(150):
    first = np.tanh(points @ layers[0]["w"] + layers[0]["b"])
    second = logistic(first @ layers[1]["w"] + layers[1]["b"])
    prob = logistic(second @ layers[2]["w"] + layers[2]["b"])
    cost = -np.mean(labels * np.log(prob) + (1 - labels) * np.log(1 - prob))

    d_prob = (prob - labels) / len(points)
    d_second = (d_prob @ layers[2]["w"].T) * second * (1 - second)
    d_first = (d_second @ layers[1]["w"].T) * (1 - first ** 2)

    for layer, inputs, delta in zip(layers, (points, first, second), (d_first, d_second, d_prob)):
        layer["w"] -= RATE * inputs.T @ delta
        layer["b"] -= RATE * delta.sum(axis=0)
    if epoch % 50 == 0:
        print(f"{epoch:4d} cost {cost:.5f} right {np.mean((prob > 0.5) == labels):.2f}")
