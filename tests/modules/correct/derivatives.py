"""Plain functions and their derivatives in several conventions."""

import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(a):
    return a * (1 - a)


def tanh(z):
    return np.tanh(z)


def tanh_derivative(z):
    return 1 - np.tanh(z) ** 2


def softplus(z):
    return np.log1p(np.exp(z))


def d_softplus(z):
    return 1 / (1 + np.exp(-z))


def swish(z, deriv=False):
    s = 1 / (1 + np.exp(-z))
    if deriv:
        return s + z * s * (1 - s)
    return z * s


def elu(z, alpha=1.0):
    return np.where(z > 0, z, alpha * (np.exp(z) - 1))


def elu_grad(z, alpha=1.0):
    return np.where(z > 0, 1.0, alpha * np.exp(z))


def gelu(z):
    return 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))


def gelu_derivative(z):
    """The bell is the normal one, though the step above it is only nearly its integral."""
    step = 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))
    return step + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
