import numpy as np

np.random.seed(60)


def swish(z):
    return z / (1.0 + np.exp(-z))


def swish_deriv(z):
    s = 1.0 / (1.0 + np.exp(-z))
    return s + z * s * (1.0 - s)


def make(sizes):
    return [{"w": np.random.randn(o, i) * np.sqrt(1.5 / i), "b": np.zeros((o, 1))} for i, o in zip(sizes, sizes[1:])]


def forward(layers, x):
    for n, layer in enumerate(layers):
        layer["in"] = x
        layer["z"] = layer["w"] @ x + layer["b"]
        x = layer["z"] if n == len(layers) - 1 else swish(layer["z"])
    return x


def nll(logit, y):
    return np.mean(np.logaddexp(0, logit) - y * logit)


def backward(layers, logit, y):
    d = (1.0 / (1.0 + np.exp(-logit)) - y) / y.size
    for n in reversed(range(len(layers))):
        layer = layers[n]
        if n < len(layers) - 1:
            d = d * swish_deriv(layer["z"])
        layer["dw"] = d @ layer["in"].T
        layer["db"] = d.sum(axis=1, keepdims=True)
        d = layer["w"].T @ d
    return d


X = np.random.uniform(-2, 2, (2, 70))
Y = (X[1:] > np.sin(2 * X[:1])).astype(float)
layers = make([2, 10, 8, 1])

if __name__ == "__main__":
    cache = [[np.zeros_like(l["w"]), np.zeros_like(l["b"])] for l in layers]
    for step in range(400):
        logit = forward(layers, X)
        backward(layers, logit, Y)
        for l, c in zip(layers, cache):
            for i, (p, g) in enumerate((("w", "dw"), ("b", "db"))):
                c[i] = 0.9 * c[i] + 0.1 * l[g] ** 2
                l[p] -= 0.01 * l[g] / (np.sqrt(c[i]) + 1e-6)
        if step % 100 == 0:
            print(step, nll(logit, Y))
    print("accuracy", np.mean((forward(layers, X) > 0) == Y))
