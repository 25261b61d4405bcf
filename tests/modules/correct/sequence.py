"""A recurrent layer over a whole sequence, rows are samples."""

import numpy as np


def rnn_forward(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    h = h0
    states = [h0]
    out = []
    for t in range(T):
        h = np.tanh(x[:, t] @ Wx + h @ Wh + b)
        states.append(h)
        out.append(h)
    return np.stack(out, axis=1), (x, states, Wx, Wh)


def rnn_backward(dh, cache):
    x, states, Wx, Wh = cache
    N, T, D = x.shape
    dx = np.zeros_like(x)
    dWx = np.zeros_like(Wx)
    dWh = np.zeros_like(Wh)
    db = np.zeros(Wh.shape[1])
    carried = np.zeros_like(states[0])
    for t in reversed(range(T)):
        dz = (dh[:, t] + carried) * (1 - states[t + 1] ** 2)
        dx[:, t] = dz @ Wx.T
        dWx += x[:, t].T @ dz
        dWh += states[t].T @ dz
        db += dz.sum(axis=0)
        carried = dz @ Wh.T
    return dx, carried, dWx, dWh, db
