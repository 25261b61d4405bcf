import numpy as np

np.random.seed(11)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def init(dims):
    params = {}
    for l in range(1, len(dims)):
        params["W%d" % l] = np.random.randn(dims[l], dims[l - 1]) / np.sqrt(dims[l - 1])
        params["b%d" % l] = np.zeros((dims[l], 1))
    return params


def forward(X, params):
    c = {"A0": X}
    for l in (1, 2, 3):
        c["A%d" % l] = np.tanh(params["W%d" % l] @ c["A%d" % (l - 1)] + params["b%d" % l])
    c["A4"] = sigmoid(params["W4"] @ c["A3"] + params["b4"])
    return c


def cost(A, Y):
    return -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))


def backward(c, Y, params):
    m = Y.shape[1]
    dZ4 = c["A4"] - Y
    dZ3 = (params["W4"].T @ dZ4) * (1 - c["A3"] ** 2)
    dZ2 = (params["W3"].T @ dZ3) * (1 - c["A2"] ** 2)
    dZ1 = (params["W2"].T @ dZ2) * (1 - c["A1"] ** 2)
    g = {}
    for l, dZ in ((4, dZ4), (3, dZ3), (2, dZ2), (1, dZ1)):
        g["W%d" % l] = dZ @ c["A%d" % (l - 1)].T / m
        g["b%d" % l] = np.sum(dZ, axis=1, keepdims=True) / m
    return g


params = init([2, 6, 6, 6, 1])
X = np.random.uniform(-1.5, 1.5, (2, 80))
Y = ((X[0] ** 2 + X[1] ** 2) < 1.2).astype(float).reshape(1, -1)

if __name__ == "__main__":
    for i in range(800):
        c = forward(X, params)
        grads = backward(c, Y, params)
        for k in params:
            params[k] = params[k] - 0.4 * grads[k]
        if i % 200 == 0:
            print("cost after %d: %f" % (i, cost(c["A4"], Y)))
    print("accuracy", np.mean((forward(X, params)["A4"] > 0.5) == Y))
