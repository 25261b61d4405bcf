import numpy as np


def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def attention_forward(x, Wq, Wk, Wv, Wo):
    Q, K, V = x @ Wq, x @ Wk, x @ Wv
    scale = 1.0 / np.sqrt(Q.shape[1])
    S = Q @ K.T * scale
    mask = np.triu(np.ones_like(S, dtype=bool), k=1)
    S = np.where(mask, -1e9, S)
    P = softmax(S)
    ctx = P @ V
    return ctx @ Wo, (x, Q, K, V, P, ctx, mask, scale, Wq, Wk, Wv, Wo)


def attention_backward(dout, cache):
    x, Q, K, V, P, ctx, mask, scale, Wq, Wk, Wv, Wo = cache
    dWo = ctx.T @ dout
    dctx = dout @ Wo.T
    dP = dctx @ V.T
    dV = P.T @ dctx
    dS = P * (dP - np.sum(P * dP, axis=-1, keepdims=True))
    dS[mask] = 0.0
    dQ = dS @ K * scale
    dK = dS.T @ Q * scale
    dx = dQ @ Wq.T + dK @ Wk.T + dV @ Wv.T
    return dx, x.T @ dQ, x.T @ dK, x.T @ dV, dWo


def demo(seed=0):
    r = np.random.default_rng(seed)
    T, d, dk = 6, 5, 4
    x = r.normal(size=(T, d))
    weights = [r.normal(0, 0.6, s) for s in ((d, dk), (d, dk), (d, dk), (dk, d))]
    target = r.normal(size=(T, d))
    out, cache = attention_forward(x, *weights)
    loss = 0.5 * np.sum((out - target) ** 2)
    grads = attention_backward(out - target, cache)
    return loss, grads


if __name__ == "__main__":
    loss, grads = demo()
    print("loss", loss)
    for name, g in zip(("dx", "dWq", "dWk", "dWv", "dWo"), grads):
        print(name, g.shape, np.abs(g).mean())
