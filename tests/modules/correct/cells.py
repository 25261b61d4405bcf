"""Recurrent cells in column layout with dictionaries of parameters and gradients."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def rnn_cell_forward(xt, a_prev, parameters):
    Wax, Waa, ba = parameters["Wax"], parameters["Waa"], parameters["ba"]
    a_next = np.tanh(Wax @ xt + Waa @ a_prev + ba)
    cache = (a_next, a_prev, xt, parameters)
    return a_next, cache


def rnn_cell_backward(da_next, cache):
    a_next, a_prev, xt, parameters = cache
    dz = (1 - a_next**2) * da_next
    dxt = parameters["Wax"].T @ dz
    dWax = dz @ xt.T
    da_prev = parameters["Waa"].T @ dz
    dWaa = dz @ a_prev.T
    dba = dz.sum(axis=1, keepdims=True)
    return {"dxt": dxt, "da_prev": da_prev, "dWax": dWax, "dWaa": dWaa, "dba": dba}


def lstm_cell_forward(xt, a_prev, c_prev, parameters):
    both = np.concatenate([a_prev, xt], axis=0)
    ft = sigmoid(parameters["Wf"] @ both + parameters["bf"])
    it = sigmoid(parameters["Wi"] @ both + parameters["bi"])
    cct = np.tanh(parameters["Wc"] @ both + parameters["bc"])
    ot = sigmoid(parameters["Wo"] @ both + parameters["bo"])
    c_next = ft * c_prev + it * cct
    a_next = ot * np.tanh(c_next)
    cache = (both, a_prev, c_prev, c_next, ft, it, cct, ot, parameters)
    return a_next, c_next, cache


def lstm_cell_backward(da_next, dc_next, cache):
    both, a_prev, c_prev, c_next, ft, it, cct, ot, parameters = cache
    n_a = a_prev.shape[0]
    tc = np.tanh(c_next)
    dc = dc_next + da_next * ot * (1 - tc**2)
    dot = da_next * tc * ot * (1 - ot)
    dft = dc * c_prev * ft * (1 - ft)
    dit = dc * cct * it * (1 - it)
    dcct = dc * it * (1 - cct**2)
    dboth = (
        parameters["Wf"].T @ dft + parameters["Wi"].T @ dit + parameters["Wc"].T @ dcct + parameters["Wo"].T @ dot
    )
    gradients = {
        "da_prev": dboth[:n_a],
        "dxt": dboth[n_a:],
        "dc_prev": dc * ft,
        "dWf": dft @ both.T,
        "dWi": dit @ both.T,
        "dWc": dcct @ both.T,
        "dWo": dot @ both.T,
        "dbf": dft.sum(axis=1, keepdims=True),
        "dbi": dit.sum(axis=1, keepdims=True),
        "dbc": dcct.sum(axis=1, keepdims=True),
        "dbo": dot.sum(axis=1, keepdims=True),
    }
    return gradients
