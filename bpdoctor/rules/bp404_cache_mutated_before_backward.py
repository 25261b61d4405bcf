"""An array kept for the backward pass is overwritten in place before the backward pass reads it.

## What it does
The forward pass keeps `z`, `a` or `x` for later. Then something writes into the same memory: `np.tanh(z, out=z)`,
`h *= mask`, `self.out -= target`. The backward pass reads the kept array and finds other numbers.

## Why it is wrong
The derivative belongs to the values with which the loss was computed. With `tanh(z)` where `z` was kept, `1 −
tanh²(z)` becomes `1 − tanh²(tanh(z))`; with a scaled `h`, `δ ⊗ h` is the gradient of another network. Nothing
complains, as shapes and types are the same, and the output of the forward pass is right.

## Example
    self.z = x @ W
    return np.tanh(self.z, out=self.z)

## Use instead
    self.z = x @ W
    return np.tanh(self.z)

## How it is proved
Every array has a version that rises with each write in place. The wrong expression of the backward pass is computed
again with the version before the write, all else being equal, and is then the true derivative, in every recorded
step. Both lines are shown. An array overwritten without harm (its new contents are what is wanted) is no finding;
where only a printed number suffers, see `read-after-mutation`.
"""

from __future__ import annotations

from bpdoctor.model.rule import Rule

_LAYERS = """\
import numpy as np

class Layer:
    def __init__(self, n, m, rng):
        self.W, self.b = rng.normal(size=(n, m)) / np.sqrt(n), 0.1 * rng.normal(size=m)

    def forward(self, x):
        self.x = x
        self.z = x @ self.W + self.b
        return {}

    def backward(self, error):
        delta = error * {}
        self.dW, self.db = self.x.T @ delta, delta.sum(axis=0)
        return delta @ self.W.T

rng = np.random.default_rng(404)
X = rng.normal(size=(12, 3))
T = np.tanh(np.abs(np.column_stack([X[:, 0] * X[:, 1], X[:, 2] - 0.3])))
layers = [Layer(3, 5, rng), Layer(5, 2, rng)]
for epoch in range(50):
    y = X
    for layer in layers:
        y = layer.forward(y)
    loss = 0.5 * np.sum((y - T) ** 2) / len(X)
    error = (y - T) / len(X)
    for layer in layers[::-1]:
        error = layer.backward(error)
    for layer in layers:
        layer.W -= 0.2 * layer.dW
        layer.b -= 0.2 * layer.db
print(loss)
"""

_KEPT = """\
import numpy as np

rng = np.random.default_rng(405)
x = rng.uniform(-1, 1, size=(15, 4))
t = np.sin(2 * x[:, :1]) + x[:, 1:2] * x[:, 3:]
W1, W2 = rng.normal(size=(4, 6)), rng.normal(size=(6, 1))
for step in range(50):
    h = np.tanh(x @ W1)
    kept = {{"x": x, "h": h}}
    y = h @ W2
    {}
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(x)
    dh = d @ W2.T * (1 - kept["h"] ** 2)
    W2 = W2 - 0.1 * kept["h"].T @ d
    W1 = W1 - 0.1 * kept["x"].T @ dh
print(loss)
"""

_DROPPED = """\
import numpy as np

rng = np.random.default_rng(404)
X = rng.normal(size=(30, 3))
t = np.sin(X[:, :1]) * X[:, 1:2]
W, V = 0.7 * rng.normal(size=(3, 8)), 0.4 * rng.normal(size=(8, 1))

def forward(x):
    a = np.tanh(x @ W)
    h = a
    kept = (rng.random(a.shape) < 0.8) / 0.8
    {}
    return h @ V, (a, h, kept)

def backward(x, d, cache):
    a, h, kept = cache
    dz = d @ V.T * kept * (1 - a**2)
    return x.T @ dz, h.T @ d

for step in range(80):
    y, cache = forward(X)
    loss = 0.5 * np.mean((y - t) ** 2)
    gW, gV = backward(X, (y - t) / len(X), cache)
    W, V = W - 0.1 * gW, V - 0.1 * gV
print(loss)
"""

VALID = (
    _LAYERS.format("np.tanh(self.z)", "(1 - np.tanh(self.z) ** 2)"),
    _LAYERS.format("np.tanh(self.z, out=self.z)", "(1 - self.z**2)"),
    _LAYERS.format("np.maximum(self.z, 0, out=self.z)", "(self.z > 0)"),
    _KEPT.format("h = h * 0.5  # another array"),
    _DROPPED.format("h = h * kept"),
)

INVALID = (
    _LAYERS.format("np.tanh(self.z, out=self.z)  # <- cache-mutated-before-backward", "(1 - np.tanh(self.z) ** 2)"),
    _KEPT.format("h *= 0.5  # <- cache-mutated-before-backward"),
    _DROPPED.format("h *= kept  # <- cache-mutated-before-backward"),
)

RULE = Rule(
    code="BP404",
    slug="cache-mutated-before-backward",
    title="an array kept for the backward pass was overwritten before it was read",
    severity="error",
    explanation=__doc__ or "",
    why="the derivative is taken at the values of the forward pass; the kept array no longer holds them",
    valid=VALID,
    invalid=INVALID,
)
