import numpy as np

rng = np.random.default_rng(77)
keep = 0.75


def forward(X, p, train=True):
    Z1 = p["W1"] @ X + p["b1"]
    A1 = np.tanh(Z1)
    if train:
        mask = rng.random(A1.shape) < keep
        D1 = A1 * mask / keep
    else:
        mask, D1 = None, A1
    out = p["W2"] @ D1 + p["b2"]
    return out, (X, A1, D1, mask)


def mse(out, Y):
    return np.sum((out - Y) ** 2) / (2 * Y.shape[1])


def backward(out, Y, cache, p):
    X, A1, D1, mask = cache
    m = Y.shape[1]
    dout = (out - Y) / m
    dD1 = p["W2"].T @ dout
    dA1 = dD1 * mask / keep
    dZ1 = dA1 * (1 - A1 ** 2)
    return {
        "W2": dout @ D1.T, "b2": dout.sum(axis=1, keepdims=True),
        "W1": dZ1 @ X.T, "b1": dZ1.sum(axis=1, keepdims=True),
    }


X = rng.uniform(-2, 2, (3, 90))
Y = np.vstack([np.sin(X[0]) + 0.5 * X[1], np.cos(X[2])])
p = {
    "W1": rng.normal(0, 0.6, (16, 3)), "b1": np.zeros((16, 1)),
    "W2": rng.normal(0, 0.25, (2, 16)), "b2": np.zeros((2, 1)),
}

if __name__ == "__main__":
    for it in range(500):
        out, cache = forward(X, p)
        grads = backward(out, Y, cache, p)
        for k in grads:
            p[k] -= 0.1 * grads[k]
        if it % 125 == 0:
            print(it, mse(forward(X, p, train=False)[0], Y))
    print("end", mse(forward(X, p, train=False)[0], Y))
