"""The backward pass reads what another call of the forward pass left behind, or what should not have been kept.

## What it does
A layer keeps its input or output in an attribute. Before the backward pass another call overwrites it: the same layer
object stands in the network twice, the validation set is evaluated in between, or the attribute is only filled the
first time. Or the wrong array is put away: the cell state after its update where the one before it belongs.

## Why it is wrong
`∂L/∂W = xᵀ δ` needs the `x` of the very call whose output went into the loss. With the `x` of another batch the
product is the gradient of nothing; with the output of another layer f' is taken at the wrong place. Shapes agree, so
nothing complains, and where the batches are alike the loss may even fall.

## Example
    act = Sigmoid()
    layers = [Linear(3, 4), act, Linear(4, 4), act]

## Use instead
    layers = [Linear(3, 4), Sigmoid(), Linear(4, 4), Sigmoid()]

## How it is proved
The wrong expression of the backward pass is computed again with the array that the call which led to the loss had in
the place of the one that was read, all else being equal, and is then the true derivative, in every recorded step. The
wrong array must demonstrably come from elsewhere: it was made in another call, it displaced the right one in an
attribute, or it was put into a tuple that does not hold the right one.
"""

from __future__ import annotations

from bpdoctor.model.rule import Rule

_SHARED = """\
import numpy as np

class Sigmoid:
    def forward(self, z):
        self.out = 1 / (1 + np.exp(-z)){}
        return self.out

    def backward(self, error):
        return error * self.out * (1 - self.out)

class Linear:
    def __init__(self, n, m, rng):
        self.W, self.b = rng.normal(size=(n, m)) / np.sqrt(n), np.zeros(m)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, error):
        self.dW, self.db = self.x.T @ error, error.sum(axis=0)
        return error @ self.W.T

rng = np.random.default_rng(406)
X = rng.normal(size=(14, 3))
T = rng.uniform(0.1, 0.9, size=(14, 4))
f = Sigmoid()
net = [Linear(3, 4, rng), f, Linear(4, 4, rng), {}]
for epoch in range(40):
    y = X
    for layer in net:
        y = layer.forward(y)
    loss = np.sum((y - T) ** 2) / len(X)
    error = 2 * (y - T) / len(X)
    for layer in reversed(net):
        error = layer.backward(error)
    for layer in (net[0], net[2]):
        layer.W -= 0.3 * layer.dW
        layer.b -= 0.3 * layer.db
print(loss)
"""

_BATCHES = """\
import numpy as np

class Layer:
    def __init__(self, n, m, rng):
        self.W = rng.normal(size=(n, m)) / np.sqrt(n)
        self.x = None

    def forward(self, x):
        {}
        self.a = np.tanh(x @ self.W)
        return self.a

    def backward(self, error, rate):
        delta = error * (1 - self.a**2)
        below = delta @ self.W.T
        self.W -= rate * self.x.T @ delta
        return below

rng = np.random.default_rng(407)
X = rng.normal(size=(30, 3))
t = np.tanh(X[:, :1] + X[:, 1:2] * X[:, 2:])
first, second = Layer(3, 5, rng), Layer(5, 1, rng)
for epoch in range(20):
    for k in range(0, 30, 6):
        x, goal = X[k : k + 6], t[k : k + 6]
        y = second.forward(first.forward(x))
        loss = np.mean((y - goal) ** 2)
        first.backward(second.backward(2 * (y - goal) / 6, 0.1), 0.1)
print(loss)
"""

VALID = (
    _SHARED.format("", "Sigmoid()"),
    _BATCHES.format("self.x = x"),
)

INVALID = (
    _SHARED.format("  # <- stale-cache", "f"),
    _BATCHES.format("if self.x is None: self.x = x  # <- stale-cache"),
)

RULE = Rule(
    code="BP405",
    slug="stale-cache",
    title="the backward pass reads what does not belong to the call that led to the loss",
    severity="error",
    explanation=__doc__ or "",
    why="a gradient belongs to one pass; what was kept comes from another call, or is not what the formula needs",
    valid=VALID,
    invalid=INVALID,
)
