import numpy as np

rng = np.random.default_rng(0)


def conv_forward(x, w, b, s):
    """x (C, H, W), w (F, C, kh, kw)"""
    F, C, kh, kw = w.shape
    oh = (x.shape[1] - kh) // s + 1
    ow = (x.shape[2] - kw) // s + 1
    out = np.zeros((F, oh, ow))
    for f in range(F):
        for i in range(oh):
            for j in range(ow):
                out[f, i, j] = np.sum(x[:, i * s:i * s + kh, j * s:j * s + kw] * w[f]) + b[f]
    return out


def conv_backward(dout, x, w, s):
    F, C, kh, kw = w.shape
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for f in range(F):
        for i in range(dout.shape[1]):
            for j in range(dout.shape[2]):
                dw[f] += dout[f, i, j] * x[:, i * s:i * s + kh, j * s:j * s + kw]
                for c in range(C):
                    for u in range(kh):
                        for v in range(kw):
                            dx[c, i * s + u, j * s + v] += dout[f, i, j] * w[f, c, u, v]
    return dx, dw, dout.sum(axis=(1, 2))


def net_forward(img, P):
    z1 = conv_forward(img, P["K1"], P["c1"], 1)
    a1 = np.tanh(z1)
    z2 = conv_forward(a1, P["K2"], P["c2"], 2)
    a2 = np.tanh(z2)
    return a1, a2, P["w"] @ a2.ravel() + P["d"][0]


def sample_loss(img, t, P):
    return 0.5 * (net_forward(img, P)[2] - t) ** 2


def net_backward(img, t, P):
    a1, a2, y = net_forward(img, P)
    e = y - t
    dz2 = (e * P["w"]).reshape(a2.shape) * (1 - a2 ** 2)
    da1, dK2, dc2 = conv_backward(dz2, a1, P["K2"], 2)
    _, dK1, dc1 = conv_backward(da1 * (1 - a1 ** 2), img, P["K1"], 1)
    return {"K1": dK1, "c1": dc1, "K2": dK2, "c2": dc2, "w": e * a2.ravel(), "d": np.array([e])}


P = {
    "K1": rng.normal(0, 0.4, (2, 1, 2, 3)), "c1": np.zeros(2),
    "K2": rng.normal(0, 0.4, (3, 2, 2, 2)), "c2": np.zeros(3),
    "w": rng.normal(0, 0.4, 18), "d": np.zeros(1),
}
imgs = rng.normal(size=(10, 1, 6, 8))
targets = imgs[:, 0, :3].mean(axis=(1, 2)) * 2 - imgs[:, 0, 3:, :4].mean(axis=(1, 2))

if __name__ == "__main__":
    for epoch in range(15):
        tot = 0.0
        for im, t in zip(imgs, targets):
            tot += sample_loss(im, t, P)
            g = net_backward(im, t, P)
            for k in P:
                P[k] -= 0.05 * g[k]
        if epoch % 5 == 0 or epoch == 14:
            print("epoch", epoch, "loss", tot / len(imgs))
