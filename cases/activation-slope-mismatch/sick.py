import numpy as np

# ELU hidden layer, predict two outputs of a small mixing process


def elu(z, alpha=1.0):
    return np.where(z > 0, z, alpha * (np.exp(np.minimum(z, 0)) - 1))


def init(n_in, n_hidden, n_out, seed):
    g = np.random.default_rng(seed)
    return {
        "w1": g.normal(size=(n_hidden, n_in)) / np.sqrt(n_in),
        "b1": 0.1 * g.normal(size=(n_hidden, 1)),
        "w2": g.normal(size=(n_out, n_hidden)) / np.sqrt(n_hidden),
        "b2": np.zeros((n_out, 1)),
    }


def loss_and_grads(params, X, Y):
    n = X.shape[1]
    z1 = params["w1"] @ X + params["b1"]
    a1 = elu(z1, alpha=0.5)
    out = params["w2"] @ a1 + params["b2"]
    diff = out - Y
    loss = np.sum(diff * diff) / (2 * n)

    d_out = diff / n
    d_z1 = (params["w2"].T @ d_out) * np.where(z1 > 0, 1.0, 1.0 * np.exp(np.minimum(z1, 0)))
    grads = {
        "w2": d_out @ a1.T,
        "b2": d_out.sum(axis=1, keepdims=True),
        "w1": d_z1 @ X.T,
        "b1": d_z1.sum(axis=1, keepdims=True),
    }
    return loss, grads


g = np.random.default_rng(99)
X = g.normal(size=(3, 32))
Y = np.vstack([X[0] * X[1], np.abs(X[2]) - 0.5])
params = init(3, 7, 2, seed=1)
for e in range(200):
    loss, grads = loss_and_grads(params, X, Y)
    for key in params:
        params[key] = params[key] - 0.05 * grads[key]
    if e % 50 == 0:
        print(f"step {e}: {loss:.5f}")
