import numpy as np

rng = np.random.RandomState(90)
n_x, n_h, n_y, m = 2, 8, 3, 48
labels = rng.randint(0, n_y, m)
ang = 2 * np.pi * labels / 3 + 0.5 * rng.randn(m)
X = np.vstack([np.cos(ang), np.sin(ang)]) * rng.uniform(0.7, 1.3, m)
Y = (labels == np.arange(n_y)[:, None]).astype(float)

theta = {
    "W1": rng.randn(n_h, n_x) * 0.7, "b1": np.zeros((n_h, 1)),
    "W2": rng.randn(n_y, n_h) * 0.4, "b2": np.zeros((n_y, 1)),
}
vel = {k: np.zeros_like(v) for k, v in theta.items()}


def softmax(Z):
    E = np.exp(Z - Z.max(axis=0, keepdims=True))
    return E / E.sum(axis=0, keepdims=True)


def model(X):
    H = np.tanh(theta["W1"] @ X + theta["b1"])
    return H, softmax(theta["W2"] @ H + theta["b2"])


def cross_entropy(P):
    return -np.sum(Y * np.log(P)) / m


def gradient():
    H, P = model(X)
    dZ2 = (P - Y) / m
    dZ1 = theta["W2"].T @ dZ2 * (1 - H ** 2)
    return {
        "W2": dZ2 @ H.T, "b2": dZ2.sum(axis=1, keepdims=True),
        "W1": dZ1 @ X.T, "b1": dZ1.sum(axis=1, keepdims=True),
    }


if __name__ == "__main__":
    for it in range(300):
        for k, g in gradient().items():
            vel[k] = 0.9 * vel[k] - 0.05 * g
            theta[k] += vel[k]
        if it % 75 == 0:
            print(it, cross_entropy(model(X)[1]))
    P = model(X)[1]
    print("accuracy", np.mean(P.argmax(axis=0) == labels), "column sums", P.sum(axis=0)[:3])
