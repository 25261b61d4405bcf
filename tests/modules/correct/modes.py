"""Layers that do different things by a word, in training and for different functions."""

import numpy as np


def thin_forward(x, settings):
    keep, mode = settings["keep"], settings["mode"]
    kept = None
    if mode == "train":
        kept = (np.random.rand(*x.shape) < keep) / keep
        out = x * kept
    else:
        out = x
    return out, (settings, kept)


def thin_backward(dout, cache):
    settings, kept = cache
    if settings["mode"] == "train":
        return dout * kept
    return dout


class Bend:
    def __init__(self, kind="soft"):
        self.kind = kind

    def forward(self, x):
        self.x = x
        if self.kind == "soft":
            self.y = np.tanh(x)
        elif self.kind == "hard":
            self.y = np.clip(x, -0.2, 0.2)
        else:
            raise ValueError(self.kind)
        return self.y

    def backward(self, dout):
        if self.kind == "soft":
            return dout * (1 - self.y**2)
        return dout * (np.abs(self.x) < 0.2)


class Stretch:
    """In evaluation nothing is kept to go back with."""

    def __init__(self, shape, mode="train"):
        self.g, self.mode = np.ones(shape), mode
        self.usual = np.zeros(shape)

    def forward(self, x):
        if self.mode == "train":
            self.usual = 0.9 * self.usual + 0.1 * x.mean(axis=0)
            self.x = x - x.mean(axis=0)
        else:
            self.x = x - self.usual
        return self.g * self.x

    def backward(self, dout):
        self.dg = (dout * self.x).sum(axis=0)
        return self.g * (dout - dout.mean(axis=0))
