"""Batch normalisation, layer normalisation and dropout with parameter dictionaries."""

import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    n, d = x.shape
    mean = bn_param.get("running_mean", np.zeros(d))
    var = bn_param.get("running_var", np.zeros(d))
    if mode == "train":
        mu = x.mean(axis=0)
        v = x.var(axis=0)
        inv = 1.0 / np.sqrt(v + eps)
        xhat = (x - mu) * inv
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * mu
        bn_param["running_var"] = momentum * var + (1 - momentum) * v
        return gamma * xhat + beta, (xhat, inv, gamma)
    xhat = (x - mean) / np.sqrt(var + eps)
    return gamma * xhat + beta, (xhat, 1.0, gamma)


def batchnorm_backward(dout, cache):
    xhat, inv, gamma = cache
    n = dout.shape[0]
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    dx = inv / n * (n * dxhat - dxhat.sum(axis=0) - xhat * (dxhat * xhat).sum(axis=0))
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta):
    mu = x.mean(axis=1, keepdims=True)
    v = x.var(axis=1, keepdims=True)
    inv = 1.0 / np.sqrt(v + 1e-5)
    xhat = (x - mu) * inv
    return gamma * xhat + beta, (xhat, inv, gamma)


def layernorm_backward(dout, cache):
    xhat, inv, gamma = cache
    d = dout.shape[1]
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    inner = dxhat.sum(axis=1, keepdims=True) + xhat * (dxhat * xhat).sum(axis=1, keepdims=True)
    dx = inv * (dxhat - inner / d)
    return dx, dgamma, dbeta


def dropout_forward(x, keep_prob):
    mask = (np.random.rand(*x.shape) < keep_prob) / keep_prob
    return x * mask, mask


def dropout_backward(dout, cache):
    mask = cache
    return dout * mask
