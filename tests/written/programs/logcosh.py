import numpy as np

rng = np.random.default_rng(6)
sizes = [3, 8, 6, 2]
ws = [rng.normal(0, 1.0 / np.sqrt(i), size=(i, o)) for i, o in zip(sizes[:-1], sizes[1:])]
bs = [np.zeros(o) for o in sizes[1:]]


def logcosh(yhat, y):
    e = yhat - y
    return np.mean(np.sum(np.logaddexp(e, -e) - np.log(2.0), axis=1))


def forward(x):
    a = [x]
    for i in range(len(ws)):
        z = a[-1] @ ws[i] + bs[i]
        a.append(z if i == len(ws) - 1 else np.arctan(z))
    return a


def backward(a, y):
    dws, dbs = [None] * len(ws), [None] * len(ws)
    d = np.tanh(a[-1] - y) / len(y)
    for i in reversed(range(len(ws))):
        if i < len(ws) - 1:
            d = d / (1.0 + np.tan(a[i + 1]) ** 2)
        dws[i] = a[i].T @ d
        dbs[i] = d.sum(axis=0)
        d = d @ ws[i].T
    return dws, dbs


X = rng.uniform(-1, 1, (55, 3))
Y = np.stack([3 * X[:, 0] * X[:, 1], X[:, 2] ** 2 - X[:, 0]], axis=1)
Y[::11] += 4.0


def fit(epochs=500, lr=0.1):
    history = []
    for epoch in range(epochs):
        acts = forward(X)
        history.append(logcosh(acts[-1], Y))
        dws, dbs = backward(acts, Y)
        for i in range(len(ws)):
            ws[i] -= lr * dws[i]
            bs[i] -= lr * dbs[i]
        if epoch % 100 == 0:
            print("epoch", epoch, "logcosh", history[-1])
    return history


if __name__ == "__main__":
    print("last", fit()[-1])
