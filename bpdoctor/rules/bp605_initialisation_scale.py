"""The initial weights are so large that logistic or tanh units start saturated.

## What it does
Weights are drawn with a standard deviation that does not shrink with the number of inputs: `rng.normal` as it
comes for hundreds of inputs, or times a large constant.

## Why it is wrong
A weighted sum of n inputs has √n times the deviation of one term. With deviation 1 for 784 inputs z is of the
order of 28 times the inputs, σ'(z) is practically 0, and so is every gradient below. `1/√n` (Glorot) or `√(2/n)`
for rectified units (He) keeps the spread as it is from layer to layer.

## Example
    W1 = rng.normal(size=(784, 30))
    h = sigmoid(x @ W1)

## Use instead
    W1 = rng.normal(size=(784, 30)) / np.sqrt(784)

## How it is proved
The derivative of the layer is below 1e-3 for most entries at the first recorded steps and at the last, and the
weights, more than the inputs, make it so: their deviation times √n is shown beside the size of the inputs.
Wide weights that saturate nothing are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule
from bpdoctor.rules.bp602_saturation import saturated, widened


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the weights that saturate a layer from the start."""
    for layer in saturated(examination):
        found = widened(examination, layer)
        if found is not None:
            yield Evidence(
                found.made,
                f"these weights enlarge their inputs {found.gain:.3g} times and saturate the layer",
                label=f"standard deviation times √n is {found.gain:.3g}; about 1 is usual",
                facts=(
                    f"the derivative is below 1e-3 for {layer.saturated[0]:.0%} of the entries at the first step, "
                    f"{layer.saturated[-1]:.0%} at the last",
                    f"the inputs of the layer are of size {found.inputs:.3g}",
                ),
                related=((layer.site, "saturated here"),),
            )


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(341)
X = rng.uniform(0, 1, size=(30, 64))
t = (X.mean(axis=1, keepdims=True) > 0.5).astype(float)
W, b = rng.normal(size=(64, 8)) / np.sqrt(64), np.zeros(8)
V, c = rng.normal(size=(8, 1)) / np.sqrt(8), np.zeros(1)
for step in range(60):
    h = 1 / (1 + np.exp(-(X @ W + b)))
    p = 1 / (1 + np.exp(-(h @ V + c)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d = (p - t) / len(X)
    dh = d @ V.T * h * (1 - h)
    V -= 0.3 * h.T @ d
    c -= 0.3 * d.sum(axis=0)
    W -= 0.3 * X.T @ dh
    b -= 0.3 * dh.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(342)
X = np.linspace(-1, 1, 25)[:, None]
t = np.sin(6 * X)
W, b = 4 * rng.normal(size=(1, 12)), 2 * rng.normal(size=12)  # wide on purpose: the function is steep
V, c = rng.normal(size=(12, 1)) / 4, np.zeros(1)
for step in range(100):
    h = np.tanh(X @ W + b)
    y = h @ V + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ V.T * (1 - h**2)
    V -= 0.05 * h.T @ d
    c -= 0.05 * d.sum(axis=0)
    W -= 0.05 * X.T @ dh
    b -= 0.05 * dh.sum(axis=0)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(341)
X = rng.uniform(0, 1, size=(30, 64))
t = (X.mean(axis=1, keepdims=True) > 0.5).astype(float)
W = 4 * rng.normal(size=(64, 8))  # <- initialisation-scale
b = np.zeros(8)
V, c = rng.normal(size=(8, 1)) / np.sqrt(8), np.zeros(1)
for step in range(60):
    h = 1 / (1 + np.exp(-(X @ W + b)))
    p = 1 / (1 + np.exp(-(h @ V + c)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d = (p - t) / len(X)
    dh = d @ V.T * h * (1 - h)
    V -= 0.3 * h.T @ d
    c -= 0.3 * d.sum(axis=0)
    W -= 0.3 * X.T @ dh
    b -= 0.3 * dh.sum(axis=0)
print(loss)
""",
)

RULE = Rule(
    code="BP605",
    slug="initialisation-scale",
    title="initial weights are too large for their number of inputs",
    severity="warning",
    explanation=__doc__ or "",
    why="a sum of n terms spreads √n times as far as one; units that start saturated pass hardly any error back",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
