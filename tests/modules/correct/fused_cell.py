"""A memory cell whose four gates are made by one product each of input and state."""

import numpy as np


def squash(z):
    return 1 / (1 + np.exp(-z))


def memory_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    N, H = prev_h.shape
    raw = x @ Wx + prev_h @ Wh + b
    i, f = squash(raw[:, :H]), squash(raw[:, H : 2 * H])
    o, g = squash(raw[:, 2 * H : 3 * H]), np.tanh(raw[:, 3 * H :])
    next_c = f * prev_c + i * g
    bent = np.tanh(next_c)
    return o * bent, next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, bent)


def memory_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, bent = cache
    dc = dnext_c + dnext_h * o * (1 - bent**2)
    dai = dc * g * i * (1 - i)
    daf = dc * prev_c * f * (1 - f)
    do = dnext_h * bent
    dao = do * o * (1 - o)
    dag = dc * i * (1 - g**2)
    draw = np.concatenate([dai, daf, dao, dag], axis=1)
    return draw @ Wx.T, draw @ Wh.T, dc * f, x.T @ draw, prev_h.T @ draw, draw.sum(axis=0)
