"""Layers that keep what the way back needs only when they are told to; a sample is a column."""

import numpy as np


class Relu:
    def __init__(self):
        self.cache = {}

    def forward_propagate(self, Z, save_cache=False):
        if save_cache:
            self.cache["Z"] = Z
        return np.where(Z >= 0, Z, 0)

    def back_propagate(self, dA):
        return dA * np.where(self.cache["Z"] >= 0, 1, 0)


class FullyConnected:
    """Its weights are made when the first samples show how many features there are."""

    def __init__(self, units=7):
        self.units = units
        self.params = {}
        self.cache = {}
        self.grads = {}

    def forward_propagate(self, X, save_cache=False):
        if "W" not in self.params:
            self.params["W"] = np.random.normal(0, 0.5, (self.units, X.shape[0]))
            self.params["b"] = np.zeros((self.units, 1))
        if save_cache:
            self.cache["A"] = X
        return self.params["W"] @ X + self.params["b"]

    def back_propagate(self, dZ):
        self.grads["dW"] = dZ @ self.cache["A"].T
        self.grads["db"] = np.sum(dZ, axis=1, keepdims=True)
        return self.params["W"].T @ dZ
