import numpy as np

g = np.random.default_rng(51)
s = lambda z: 1 / (1 + np.exp(-z))
F = {"t": np.tanh, "s": s, "i": lambda z: z}
D = {"t": lambda z: 1 - np.tanh(z) ** 2, "s": lambda z: s(z) * (1 - s(z)), "i": lambda z: np.ones_like(z)}
n = [2, 7, 5, 1]
k = ["t", "s", "i"]
W = [g.normal(0, 1.2 / np.sqrt(a), (a, b)) for a, b in zip(n, n[1:])]
b = [np.zeros((1, j)) for j in n[1:]]


def f(x):
    A, Z = [x], []
    for w, c, q in zip(W, b, k):
        Z.append(A[-1] @ w + c)
        A.append(F[q](Z[-1]))
    return A, Z


def c(x, y):
    return np.mean((f(x)[0][-1] - y) ** 2) / 2


def d(x, y):
    A, Z = f(x)
    e = (A[-1] - y) / len(y)
    G, H = [], []
    for i in range(len(W) - 1, -1, -1):
        G.insert(0, A[i].T @ e)
        H.insert(0, e.sum(0, keepdims=True))
        if i:
            e = e @ W[i].T * D[k[i - 1]](Z[i - 1])
    return G, H


X = g.uniform(-2, 2, (64, 2))
Y = np.exp(-X[:, :1] ** 2) + 0.3 * X[:, 1:]

if __name__ == "__main__":
    for t in range(200):
        o = g.permutation(64)
        for j in range(0, 64, 16):
            G, H = d(X[o[j:j + 16]], Y[o[j:j + 16]])
            for i in range(3):
                W[i] -= 0.1 * G[i]
                b[i] -= 0.1 * H[i]
        if t % 50 == 0:
            print(t, c(X, Y))
    print("end", c(X, Y))
