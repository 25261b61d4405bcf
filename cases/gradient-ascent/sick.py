import numpy as np

gen = np.random.default_rng(88)
X = gen.normal(size=(22, 3))
target = (X[:, [0]] - X[:, [1]] * X[:, [2]] > 0.2).astype(float)

theta = {
    "W": gen.normal(size=(3, 5)),
    "b": 0.1 * gen.normal(size=5),
    "U": gen.normal(size=(5, 1)),
    "d": np.zeros(1),
}


def sigma(v):
    return 1 / (1 + np.exp(-v))


def objective(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


for k in range(60):
    hidden = np.tanh(X @ theta["W"] + theta["b"])
    p = sigma(hidden @ theta["U"] + theta["d"])
    J = objective(p, target)

    err = (p - target) / len(X)
    back = err @ theta["U"].T * (1 - hidden * hidden)
    direction = {
        "U": hidden.T @ err,
        "d": err.sum(axis=0),
        "W": X.T @ back,
        "b": back.sum(axis=0),
    }
    for name, value in direction.items():
        theta[name] += 0.05 * value
    if k % 20 == 0:
        print(k, "J =", round(J, 4))
print("right:", np.mean((p > 0.5) == (target > 0.5)))
