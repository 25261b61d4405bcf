"""Dense, rectifier and softmax loss as pairs of functions with a cache."""

import numpy as np


def affine_forward(x, w, b):
    """
    - x: inputs of shape (N, D)
    - w: weights of shape (D, M)
    - b: biases of shape (M,)
    """
    out = x @ w + b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout @ w.T
    dw = x.T @ dout
    db = np.sum(dout, axis=0)
    return dx, dw, db


def leaky_relu_forward(x, slope=0.1):
    return np.where(x > 0, x, slope * x), (x, slope)


def leaky_relu_backward(dout, cache):
    x, slope = cache
    return dout * np.where(x > 0, 1.0, slope)


def softmax_loss(x, y):
    shifted = x - np.max(x, axis=1, keepdims=True)
    probs = np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True)
    n = x.shape[0]
    loss = -np.mean(np.log(probs[np.arange(n), y]))
    dx = probs.copy()
    dx[np.arange(n), y] -= 1
    dx /= n
    return loss, dx


def hinge_loss(scores, y):
    n = scores.shape[0]
    right = scores[np.arange(n), y][:, None]
    margins = np.maximum(0, scores - right + 1.0)
    margins[np.arange(n), y] = 0
    loss = np.sum(margins) / n
    dscores = (margins > 0).astype(float)
    dscores[np.arange(n), y] -= np.sum(margins > 0, axis=1)
    return loss, dscores / n
