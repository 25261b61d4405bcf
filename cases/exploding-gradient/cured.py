import numpy as np

# the height of a wave by six rectified layers of two dozen units
rng = np.random.default_rng(52)
place = rng.uniform(-1, 1, size=(50, 2))
wave = np.sin(3 * place[:, :1]) * place[:, 1:]
widths = [2, 24, 24, 24, 24, 24, 24, 1]
weights = [rng.normal(size=(m, n)) * np.sqrt(2 / m) for m, n in zip(widths[:-1], widths[1:])]
biases = [np.zeros(n) for n in widths[1:]]


def forward(x):
    acts = [x]
    for W, b in zip(weights[:-1], biases[:-1]):
        acts.append(np.maximum(0, acts[-1] @ W + b))
    return acts, acts[-1] @ weights[-1] + biases[-1]


for epoch in range(100):
    acts, y = forward(place)
    loss = np.mean((y - wave) ** 2)
    delta = 2 * (y - wave) / len(place)
    for k in range(len(weights) - 1, -1, -1):
        dW, db = acts[k].T @ delta, delta.sum(axis=0)
        if k > 0:
            delta = (delta @ weights[k].T) * (acts[k] > 0)
        weights[k] -= 0.01 * dW
        biases[k] -= 0.01 * db
print(loss)
