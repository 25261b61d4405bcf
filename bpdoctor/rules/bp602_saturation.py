"""Most units of a layer work so far out that their derivative has practically vanished.

## What it does
The weighted inputs are large, because the initial weights are too wide, the data are not scaled,
or the steps were too big; logistic or tanh units then answer 0 or ±1 to everything.

## Why it is wrong
`σ'(z) = σ(z)(1 − σ(z))` is 0.25 at 0, 0.0066 at 5 and 4.5e-5 at 10; tanh'(z) falls twice as fast.
The delta carries this factor, so the gradients of the layer and of everything below it are
thousands of times smaller than they might be. They are right, and useless: training stands on a
plateau. Below about 1e-16 the factor is exactly 0 in floating point.

## Example
    W1 = 50 * rng.normal(size=(n_in, n_hidden))
    h = sigmoid(x @ W1)

## Use instead
    W1 = rng.normal(size=(n_in, n_hidden)) / np.sqrt(n_in)      # and standardise x

## How it is proved
The derivative of each activation is measured at the recorded steps. The finding states the share
of entries with `f'(z) < 1e-3`, by layer and step, and the spread of z. An output layer that is
confident because it has learned is no finding. Where weights that are too wide or data that are
not scaled make it so, the finding is said of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule

# "Most" of the entries of a layer.
_MOST = 0.5
# Times the spread that keeps activations as they are; a standard normal for two dozen inputs has 5.
_WIDE = 5.0


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name hidden layers that are saturated at the first recorded steps and at the last."""
    for layer in saturated(examination):
        shares = layer.saturated
        if widened(examination, layer) is not None:
            continue  # said of the weights that make it so
        if flooded(examination, layer) is not None:
            continue  # said of the data that make it so
        text = " ".join(examination.sites[layer.site].text.split())
        yield Evidence(
            layer.site,
            f"`{text}` is saturated: its derivative is below 1e-3 for {shares[0]:.0%} of the entries",
            label=f"{layer.name} with pre-activations of standard deviation {layer.spread:.3g}",
            facts=(f"{shares[0]:.0%} of the entries at the first recorded step, {shares[-1]:.0%} at the last",),
        )


def saturated(examination: Examination) -> list[Any]:
    """Hidden layers of which most entries are saturated, early and late."""
    layers = [x for x in examination.measurements["activity"] if x.hidden and x.saturated]
    return [x for x in layers if min(*x.saturated[:3], x.saturated[-1]) > _MOST]


def widened(examination: Examination, layer: Any) -> Any | None:
    """The gain of a layer's weights where they, more than its inputs, are out of the ordinary."""
    for found in examination.measurements["gains"]:
        if found.site == layer.site and found.gain > _WIDE and found.gain > found.inputs:
            return found
    return None


def flooded(examination: Examination, layer: Any) -> Any | None:
    """The data of a layer that would be saturated less than half as much, were they scaled."""
    for found in examination.measurements["standardised"]:
        if found.site == layer.site and found.share > _MOST and found.scaled < 0.5 * found.share:
            return found
    return None


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(92)
X = rng.normal(size=(12, 3))
t = np.sin(X[:, :1]) + X[:, 1:2] * X[:, 2:]
W1, b1 = rng.normal(size=(3, 5)), rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
for step in range(60):
    z = X @ W1 + b1
    h = 1 / (1 + np.exp(-z))
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2)
    d2 = 2 * (y - t) / len(X)
    d1 = d2 @ W2.T * h * (1 - h)
    W2 -= 0.2 * h.T @ d2
    b2 -= 0.2 * d2.sum(axis=0)
    W1 -= 0.2 * X.T @ d1
    b1 -= 0.2 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng):
        self.W, self.b = 0.5 * rng.normal(size=(2, 4)), 0.1 * rng.normal(size=4)
        self.V, self.c = rng.normal(size=(4, 1)), np.zeros(1)

    def train(self, x, t, lr):
        h = np.tanh(x @ self.W + self.b)
        p = 1 / (1 + np.exp(-(h @ self.V + self.c)))
        d = (p - t) / len(x)
        dh = d @ self.V.T * (1 - h**2)
        self.V -= lr * h.T @ d
        self.c -= lr * d.sum(axis=0)
        self.W -= lr * x.T @ dh
        self.b -= lr * dh.sum(axis=0)
        return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))

rng = np.random.default_rng(93)
size = np.column_stack([rng.uniform(4, 9, 12), rng.uniform(15, 20, 12)])
t = (size[:, :1] / size[:, 1:] > 0.38).astype(float)
size = (size - size.mean(axis=0)) / size.std(axis=0)
net = Net(rng)
for epoch in range(40):
    loss = net.train(size, t, 0.05)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(92)
X = rng.normal(size=(12, 3))
t = np.sin(X[:, :1]) + X[:, 1:2] * X[:, 2:]
W1, b1 = rng.normal(size=(3, 5)), 40 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
for step in range(60):
    z = X @ W1 + b1
    h = 1 / (1 + np.exp(-z))  # <- saturation
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2)
    d2 = 2 * (y - t) / len(X)
    d1 = d2 @ W2.T * h * (1 - h)
    W2 -= 0.2 * h.T @ d2
    b2 -= 0.2 * d2.sum(axis=0)
    W1 -= 0.2 * X.T @ d1
    b1 -= 0.2 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng):
        self.W, self.b = 0.5 * rng.normal(size=(2, 4)), 30 * rng.normal(size=4)
        self.V, self.c = rng.normal(size=(4, 1)), np.zeros(1)

    def train(self, x, t, lr):
        h = np.tanh(x @ self.W + self.b)  # <- saturation
        p = 1 / (1 + np.exp(-(h @ self.V + self.c)))
        d = (p - t) / len(x)
        dh = d @ self.V.T * (1 - h**2)
        self.V -= lr * h.T @ d
        self.c -= lr * d.sum(axis=0)
        self.W -= lr * x.T @ dh
        self.b -= lr * dh.sum(axis=0)
        return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))

rng = np.random.default_rng(93)
size = np.column_stack([rng.uniform(4, 9, 12), rng.uniform(15, 20, 12)])
t = (size[:, :1] / size[:, 1:] > 0.38).astype(float)
size = (size - size.mean(axis=0)) / size.std(axis=0)
net = Net(rng)
for epoch in range(40):
    loss = net.train(size, t, 0.05)
print(loss)
""",
)

RULE = Rule(
    code="BP602",
    slug="saturation",
    title="units saturated, derivative practically 0",
    severity="warning",
    explanation=__doc__ or "",
    why=(
        "where |z| is large the derivative of a logistic or tanh unit is nearly 0, and the error hardly "
        "passes: the layer and those below stop learning"
    ),
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
