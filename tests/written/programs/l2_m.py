import numpy as np

rng = np.random.RandomState(23)
LAMBD = 0.8


def elu(z):
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


def elu_backward(da, z):
    return da * np.where(z > 0, 1.0, np.exp(np.minimum(z, 0)))


params = {"W1": rng.randn(4, 9) * 0.5, "b1": np.zeros((1, 9)), "W2": rng.randn(9, 1) * 0.5, "b2": np.zeros((1, 1))}
X = rng.randn(40, 4)
y = (X[:, :1] * X[:, 1:2] + 0.5 * X[:, 2:3] > 0).astype(float)


def predict(X, p):
    z1 = X @ p["W1"] + p["b1"]
    a1 = elu(z1)
    return z1, a1, 1 / (1 + np.exp(-(a1 @ p["W2"] + p["b2"])))


def cost_with_regularization(X, y, p):
    prob = predict(X, p)[2]
    m = len(y)
    ce = -np.sum(y * np.log(prob) + (1 - y) * np.log(1 - prob)) / m
    l2 = LAMBD / (2 * m) * (np.sum(p["W1"] ** 2) + np.sum(p["W2"] ** 2))
    return ce + l2


def backprop_with_regularization(X, y, p):
    m = len(y)
    z1, a1, prob = predict(X, p)
    dz2 = (prob - y) / m
    dz1 = elu_backward(dz2 @ p["W2"].T, z1)
    return {
        "W2": a1.T @ dz2 + LAMBD / m * p["W2"],
        "b2": dz2.sum(axis=0, keepdims=True),
        "W1": X.T @ dz1 + LAMBD / m * p["W1"],
        "b1": dz1.sum(axis=0, keepdims=True),
    }


def main():
    for i in range(600):
        g = backprop_with_regularization(X, y, params)
        for k in params:
            params[k] -= 0.2 * g[k]
        if i % 150 == 0:
            print(i, cost_with_regularization(X, y, params))
    print("acc", np.mean((predict(X, params)[2] > 0.5) == y))


if __name__ == "__main__":
    main()
