import numpy as np

rng = np.random.default_rng(35)
X = rng.normal(size=(50, 4))
T = np.sin(X[:, :1]) + 0.3 * X[:, 1:2] * X[:, 2:3] + 0.2 * rng.normal(size=(50, 1))
train, held_out = slice(0, 35), slice(35, 50)


def predict(weights, x):
    hidden = np.tanh(x @ weights["in"] + weights["bias"])
    return hidden, hidden @ weights["out"]


weights = {
    "in": rng.normal(size=(4, 12)),
    "bias": np.zeros(12),
    "out": rng.normal(size=(12, 1)) / np.sqrt(12),
}
best, lowest = None, np.inf
for epoch in range(400):
    hidden, y = predict(weights, X[train])
    error = (y - T[train]) / 35
    loss = 0.5 * np.sum((y - T[train]) ** 2) / 35
    check = 0.5 * np.mean((predict(weights, X[held_out])[1] - T[held_out]) ** 2)
    if check < lowest:
        lowest = check
        best = dict(weights)
    below = error @ weights["out"].T * (1 - hidden ** 2)
    weights["out"] -= 0.2 * hidden.T @ error
    weights["in"] -= 0.2 * X[train].T @ below
    weights["bias"] -= 0.2 * below.sum(axis=0)

print("lowest error seen", lowest)
print("error of the kept weights", 0.5 * np.mean((predict(best, X[held_out])[1] - T[held_out]) ** 2))
