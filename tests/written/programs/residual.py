import numpy as np

r = np.random.default_rng(14)


class B:
    """y = x + tanh(x U + u) V"""

    def __init__(s, n, k):
        s.U = r.normal(0, 1 / np.sqrt(n), (n, k))
        s.u = np.zeros(k)
        s.V = r.normal(0, 0.5 / np.sqrt(k), (k, n))

    def f(s, x):
        s.x = x
        s.a = np.tanh(x @ s.U + s.u)
        return x + s.a @ s.V

    def g(s, d):
        s.dV = s.a.T @ d
        e = (d @ s.V.T) * (1 - s.a ** 2)
        s.dU = s.x.T @ e
        s.du = e.sum(0)
        return d + e @ s.U.T


Q = r.normal(0, 0.7, (2, 6))
q = np.zeros(6)
bs = [B(6, 5) for _ in range(3)]
w = r.normal(0, 0.4, 6)
c = np.zeros(1)
X = r.uniform(-1, 1, (50, 2))
t = np.sign(np.sin(3 * X[:, 0]) - X[:, 1])


def F():
    h = X @ Q + q
    for b in bs:
        h = b.f(h)
    return h, h @ w + c[0]


def L():
    return np.mean(np.logaddexp(0, -t * F()[1]))


def G():
    h, o = F()
    d = -t / (1 + np.exp(t * o)) / len(t)
    gw, gc = h.T @ d, np.array([d.sum()])
    d = np.outer(d, w)
    for b in bs[::-1]:
        d = b.g(d)
    return X.T @ d, d.sum(0), gw, gc


if __name__ == "__main__":
    for i in range(300):
        gQ, gq, gw, gc = G()
        for p, g in [(Q, gQ), (q, gq), (w, gw), (c, gc)] + [z for b in bs for z in ((b.U, b.dU), (b.u, b.du), (b.V, b.dV))]:
            p -= 0.5 * g
        if i % 100 == 0:
            print(i, L())
    print("end", L(), np.mean(np.sign(F()[1]) == t))
