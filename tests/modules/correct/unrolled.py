"""A recurrent network that is unrolled over columns: its weights are read by the cell, one of them here as well."""

import numpy as np


def cell_forward(xt, a_prev, parameters):
    a_next = np.tanh(np.dot(parameters["Wax"], xt) + np.dot(parameters["Waa"], a_prev) + parameters["ba"])
    e = np.exp(np.dot(parameters["Wya"], a_next) + parameters["by"])
    return a_next, e / e.sum(axis=0), (a_next, a_prev, xt, parameters)


def rnn_forward(x, a0, parameters):
    n_x, m, T_x = x.shape
    n_y, n_a = parameters["Wya"].shape
    a = np.zeros((n_a, m, T_x))
    y = np.zeros((n_y, m, T_x))
    caches, a_next = [], a0
    for t in range(T_x):
        a_next, y[:, :, t], cache = cell_forward(x[:, :, t], a_next, parameters)
        a[:, :, t] = a_next
        caches.append(cache)
    return a, y, (caches, x)


def cell_backward(da_next, cache):
    a_next, a_prev, xt, parameters = cache
    dz = (1 - a_next**2) * da_next
    return {
        "dxt": parameters["Wax"].T @ dz,
        "da_prev": parameters["Waa"].T @ dz,
        "dWax": dz @ xt.T,
        "dWaa": dz @ a_prev.T,
        "dba": dz.sum(axis=1, keepdims=True),
    }


def rnn_backward(da, caches):
    steps, x = caches
    n_a, m, T_x = da.shape
    dx = np.zeros_like(x)
    total = {"dWax": 0.0, "dWaa": 0.0, "dba": 0.0}
    carried = np.zeros((n_a, m))
    for t in reversed(range(T_x)):
        g = cell_backward(da[:, :, t] + carried, steps[t])
        dx[:, :, t] = g["dxt"]
        carried = g["da_prev"]
        for name in total:
            total[name] = total[name] + g[name]
    return {"dx": dx, "da0": carried, **total}
