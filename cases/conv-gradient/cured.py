import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, H_out, W_out))
    for i in range(H_out):
        for j in range(W_out):
            field = x_pad[:, :, i * stride:i * stride + HH, j * stride:j * stride + WW]
            for f in range(F):
                out[:, f, i, j] = np.sum(field * w[f], axis=(1, 2, 3)) + b[f]
    return out, (x_pad, w, conv_param)


def conv_backward_naive(dout, cache):
    x_pad, w, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, F, H_out, W_out = dout.shape
    HH, WW = w.shape[2:]
    dx_pad, dw = np.zeros_like(x_pad), np.zeros_like(w)
    db = dout.sum(axis=(0, 2, 3))
    for i in range(H_out):
        for j in range(W_out):
            top, left = i * stride, j * stride
            for f in range(F):
                d = dout[:, f, i, j][:, None, None, None]
                dw[f] += np.sum(x_pad[:, :, top:top + HH, left:left + WW] * d, axis=0)
                dx_pad[:, :, top:top + HH, left:left + WW] += w[f] * d
    return dx_pad[:, :, pad:-pad, pad:-pad], dw, db


def relu(x):
    return x * (x > 0)


# horizontal bars against vertical bars, in noise
rng = np.random.RandomState(8)
images = rng.normal(0, 0.3, size=(12, 1, 6, 8))
labels = np.arange(12) % 2
for n, kind in enumerate(labels):
    if kind:
        images[n, 0, rng.randint(6), :] += 1
    else:
        images[n, 0, :, rng.randint(8)] += 1

w1, b1 = rng.normal(0, 0.5, size=(3, 1, 3, 3)), np.zeros(3)
w2, b2 = rng.normal(0, 0.2, size=(36, 2)), np.zeros(2)
conv_param = {"stride": 2, "pad": 1}

for epoch in range(25):
    z, cache = conv_forward_naive(images, w1, b1, conv_param)
    h = relu(z).reshape(len(images), -1)
    s = h @ w2 + b2
    p = np.exp(s - s.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(12), labels]))

    ds = (p - np.eye(2)[labels]) / len(images)
    dz = (ds @ w2.T).reshape(z.shape) * (z > 0)
    _, dw1, db1 = conv_backward_naive(dz, cache)
    w2 -= 0.5 * h.T @ ds
    b2 -= 0.5 * ds.sum(0)
    w1 -= 0.5 * dw1
    b1 -= 0.5 * db1
    if epoch % 5 == 0:
        print("epoch", epoch, "loss", round(loss, 4))
