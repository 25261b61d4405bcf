"""Activity of layers, against counts made by the test itself."""

import numpy as np

from .harness import examine

NET = """\
import numpy as np

rng = np.random.default_rng(0)
X, t = rng.normal(size=(20, 3)), rng.normal(size=(20, 1))
W, b = {W}, {b}
V, c = rng.normal(size=(4, 1)), np.zeros(1)
for step in range(5):
    z = X @ W + b
    h = {h}
    y = h @ V + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ V.T * {slope}
    V -= 0.01 * h.T @ d
    c -= 0.01 * d.sum(axis=0)
    W -= 0.01 * X.T @ dh
    b -= 0.01 * dh.sum(axis=0)
"""


def layers(W, b, h, slope):
    return examine(NET.format(W=W, b=b, h=h, slope=slope)).measurements["activity"]


def test_silent_units_are_counted():
    layer = layers("rng.normal(size=(3, 4))", "np.array([-50.0, 0.0, -50.0, 0.1])", "np.maximum(0, z)", "(z > 0)")[0]
    assert (layer.name, layer.units, layer.silent, layer.hidden) == ("relu", 4, 2, True)
    assert layer.whole


def test_a_unit_on_the_kink_is_not_silent():
    layer = layers("np.zeros((3, 4))", "np.zeros(4)", "np.maximum(0, z)", "(z > 0)")
    assert all(not found.silent for found in layer)


def test_saturated_share_is_the_share_of_small_derivatives():
    found = layers("30 * rng.normal(size=(3, 4))", "np.zeros(4)", "np.tanh(z)", "(1 - h**2)")[0]
    rng = np.random.default_rng(0)
    X, _ = rng.normal(size=(20, 3)), rng.normal(size=(20, 1))
    z = X @ (30 * rng.normal(size=(3, 4)))
    assert found.saturated[0] == np.mean(1 - np.tanh(z) ** 2 < 1e-3) > 0.5


def test_numbers_of_a_pure_python_net_are_one_layer():
    text = """\
import math

w, v = [[0.3, -0.2], [0.1, 0.4], [-0.5, 0.2]], [0.3, -0.4, 0.2]
data = [([0.5, -1.0], 0.3), ([1.0, 0.2], -0.1)]
for epoch in range(5):
    for x, t in data:
        h = [math.tanh(a * x[0] + b * x[1]) for a, b in w]
        y = sum(p * q for p, q in zip(v, h))
        d = y - t
        g = [d * p * (1 - q * q) for p, q in zip(v, h)]
        for j in range(3):
            v[j] -= 0.1 * d * h[j]
            for i in range(2):
                w[j][i] -= 0.1 * g[j] * x[i]
"""
    (layer,) = [x for x in examine(text).measurements["activity"] if x.name == "tanh"]
    assert (layer.units, layer.hidden) == (3, True)
    assert max(layer.saturated) == 0
