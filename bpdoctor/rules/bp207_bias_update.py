"""The bias is not updated with its own gradient but with the bias or the weights' gradient.

## What it does
The expression that stands for `db` is made from the bias itself (`b -= lr * b`, or `b * delta`), or from
the weight gradient (`db = dW.sum(axis=0)`).

## Why it is wrong
`z = a @ W + b` gives `∂L/∂b = Σ_n δ_n`: each sample's delta, times 1. Multiplied by `b` the step is
proportional to the bias: one that starts at 0 stays there for ever, and without `δ` it merely decays,
whatever the error. The sum of `dW = aᵀδ` over its rows is `Σ_n (Σ_i a_ni) δ_n`, which weighs each sample
by the sum of its inputs; with normalised inputs that sum is near 0 and of any sign. The weights are
trained rightly, so the loss falls, and a bias that does nothing is easily overlooked.

## Example
    dW = h.T @ delta
    db = dW.sum(axis=0)

## Use instead
    db = delta.sum(axis=0)

## How it is proved
The weight gradient of the same layer agrees with the reference, so that the delta is right. Your value
for the bias equals the bias, its product with the true gradient, or a sum of the true weight gradient,
to rounding error at several points.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from bpdoctor.autodiff.mistakes import Array, array, collapse
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """The bias in the place of its gradient or as a factor of it, and sums of the layer's weight gradient."""
    if local.role != "bias":
        return
    b, true = array(local.value), array(local.true)
    should = "the sum of δ over the samples"
    yield Prediction(b, "b", "the bias itself, times a constant", should, free=True)
    yield Prediction(b * true, "b times its gradient", "b times the sum of δ", should)
    for k, use in enumerate(local.uses):
        ending = f" (product {k + 1})" if len(local.uses) > 1 else ""
        for text, value in _from_weights(array(use.pull_weight(use.x, use.delta)), b):
            yield Prediction(value, f"{text}{ending}", text, should)
            # Averaged like the other sums, and so once more than the weight gradient is.
            yield Prediction(value, f"{text}{ending}, scaled", f"{text}, times a constant", should, free=True)


def _from_weights(dw: Array, b: Array) -> Iterator[tuple[str, Array]]:
    """(what it is, value) for every reduction of a weight gradient that fits the bias."""
    for axis in range(dw.ndim):
        for text, value in (("sum", dw.sum(axis=axis)), ("mean", dw.mean(axis=axis))):
            if value.size == b.size:
                yield f"{text} of the weight gradient over axis {axis}", value.reshape(b.shape)
    yield "the sum of all of the weight gradient", np.full(b.shape, dw.sum())
    if dw.size == b.size:
        yield "the weight gradient", collapse(dw.reshape(b.shape), b.shape)


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(140)
X = rng.uniform(0, 1, size=(11, 3))
t = np.column_stack([X[:, 0] + X[:, 1] ** 2, X[:, 2] - 1])
W1, b1 = rng.normal(size=(3, 5)), 0.4 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 2)), 0.3 * rng.normal(size=2)
for step in range(70):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = 0.5 * np.sum((y - t) ** 2) / len(X)
    d2 = (y - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    dW2, dW1 = h.T @ d2, X.T @ d1
    db2 = d2.sum(axis=0)
    db1 = d1.sum(axis=0)
    W2 -= 0.1 * dW2
    b2 -= 0.1 * db2
    W1 -= 0.1 * dW1
    b1 -= 0.1 * db1
print(loss)
""",
    """\
import numpy as np

class Layer:
    def __init__(self, n, m, rng):
        self.w, self.b = rng.normal(size=(m, n)), 0.5 * rng.normal(size=(m, 1))

    def forward(self, x):
        self.x = x
        self.a = 1 / (1 + np.exp(-(self.w @ x + self.b)))
        return self.a

    def backward(self, g, rate):
        delta = g * self.a * (1 - self.a)
        below = self.w.T @ delta
        self.w = self.w - rate * delta @ self.x.T
        self.b = self.b - rate * delta.sum(axis=1, keepdims=True)
        return below

rng = np.random.default_rng(141)
x = rng.normal(size=(2, 12))
t = (x[:1] > x[1:]).astype(float)
layers = [Layer(2, 4, rng), Layer(4, 1, rng)]
for epoch in range(60):
    out = layers[1].forward(layers[0].forward(x))
    loss = np.sum((out - t) ** 2)
    g = 2 * (out - t)
    for layer in reversed(layers):
        g = layer.backward(g, 0.1)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(140)
X = rng.uniform(0, 1, size=(11, 3))
t = np.column_stack([X[:, 0] + X[:, 1] ** 2, X[:, 2] - 1])
W1, b1 = rng.normal(size=(3, 5)), 0.4 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 2)), 0.3 * rng.normal(size=2)
for step in range(70):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = 0.5 * np.sum((y - t) ** 2) / len(X)
    d2 = (y - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    dW2, dW1 = h.T @ d2, X.T @ d1
    db2 = d2.sum(axis=0)
    db1 = dW1.sum(axis=0)  # <- bias-update
    W2 -= 0.1 * dW2
    b2 -= 0.1 * db2
    W1 -= 0.1 * dW1
    b1 -= 0.1 * db1
print(loss)
""",
    """\
import numpy as np

class Layer:
    def __init__(self, n, m, rng):
        self.w, self.b = rng.normal(size=(m, n)), 0.5 * rng.normal(size=(m, 1))

    def forward(self, x):
        self.x = x
        self.a = 1 / (1 + np.exp(-(self.w @ x + self.b)))
        return self.a

    def backward(self, g, rate):
        delta = g * self.a * (1 - self.a)
        below = self.w.T @ delta
        self.w = self.w - rate * delta @ self.x.T
        self.b = self.b - rate * self.b * delta.sum(axis=1, keepdims=True)  # <- bias-update
        return below

rng = np.random.default_rng(141)
x = rng.normal(size=(2, 12))
t = (x[:1] > x[1:]).astype(float)
layers = [Layer(2, 4, rng), Layer(4, 1, rng)]
for epoch in range(60):
    out = layers[1].forward(layers[0].forward(x))
    loss = np.sum((out - t) ** 2)
    g = 2 * (out - t)
    for layer in reversed(layers):
        g = layer.backward(g, 0.1)
print(loss)
""",
)

RULE = Rule(
    code="BP207",
    slug="bias-update",
    title="bias updated with something else than its gradient",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "the bias is added to every sample with weight 1, hence ∂L/∂b is the sum of δ; neither the bias "
        "itself nor the weight gradient belongs in it"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
)
