"""The data are so large that the first layer is saturated by them.

## What it does
Ages, incomes, pixels from 0 to 255 or prices enter a network of logistic or tanh units as they come.

## Why it is wrong
The weighted sum of numbers in the tens or hundreds is in the tens or hundreds, where σ and tanh are flat. The
derivative is practically 0, no error passes, and the layer answers the same to nearly every sample. The gradients
are right, and too small to use. Weights of the usual size are made for data of mean 0 and deviation 1.

## Example
    x = np.column_stack([age, income])
    h = np.tanh(x @ W1 + b1)

## Use instead
    x = (x - x.mean(axis=0)) / x.std(axis=0)      # keep both numbers: new data need the same

## How it is proved
The derivative of the layer is below 1e-3 for most entries, at the first recorded steps and at the last. The
recorded pass is computed again with the data standardised, and nothing else changed: then it is not. Where the
weights are out of the ordinary the finding is theirs (`initialisation-scale`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule
from bpdoctor.rules.bp602_saturation import flooded, saturated, widened


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name data that saturate a layer, and would not if they were scaled."""
    for layer in saturated(examination):
        found: Any = flooded(examination, layer)
        if found is None or widened(examination, layer) is not None:
            continue
        yield Evidence(
            found.made,
            f"these inputs, from {found.low:.4g} to {found.high:.4g}, saturate the first layer",
            label="not scaled",
            facts=(
                f"the derivative is below 1e-3 for {layer.saturated[0]:.0%} of the entries at the first step, "
                f"{layer.saturated[-1]:.0%} at the last",
                f"computed again with each input at mean 0 and deviation 1: {found.scaled:.0%}",
            ),
            related=((layer.site, "saturated here"),),
        )


_NET = """\
import numpy as np

rng = np.random.default_rng(93)
size = np.column_stack([rng.uniform(4, 9, 12), rng.uniform(15, 20, 12)]){mark}
t = (size[:, :1] / size[:, 1:] > 0.38).astype(float)
{scale}
W, b = 0.5 * rng.normal(size=(2, 4)), 0.1 * rng.normal(size=4)
V, c = rng.normal(size=(4, 1)), np.zeros(1)
for epoch in range(40):
    h = np.tanh(size @ W + b)
    p = 1 / (1 + np.exp(-(h @ V + c)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d = (p - t) / len(size)
    dh = d @ V.T * (1 - h**2)
    V -= 0.05 * h.T @ d
    c -= 0.05 * d.sum(axis=0)
    W -= 0.05 * size.T @ dh
    b -= 0.05 * dh.sum(axis=0)
print(loss)
"""

VALID = (
    _NET.format(mark="", scale="size = (size - size.mean(axis=0)) / size.std(axis=0)"),
    # Neither mean 0 nor deviation 1, and small enough.
    _NET.format(mark="", scale="size = size / 20"),
)

INVALID = (
    _NET.format(mark="  # <- unscaled-inputs", scale=""),
    """\
import numpy as np

rng = np.random.default_rng(96)
pixels = rng.integers(0, 256, size=(30, 16)).astype(float)  # <- unscaled-inputs
dark = (pixels.mean(axis=1, keepdims=True) < 128).astype(float)
W1, b1 = rng.normal(size=(16, 6)) / 4, np.zeros(6)
W2, b2 = rng.normal(size=(6, 1)) / 2, np.zeros(1)

def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))

for epoch in range(50):
    h = sigmoid(pixels @ W1 + b1)
    p = sigmoid(h @ W2 + b2)
    loss = np.mean((p - dark) ** 2)
    d2 = 2 * (p - dark) * p * (1 - p) / len(pixels)
    d1 = d2 @ W2.T * h * (1 - h)
    W2 -= 0.5 * h.T @ d2
    b2 -= 0.5 * d2.sum(axis=0)
    W1 -= 0.5 * pixels.T @ d1
    b1 -= 0.5 * d1.sum(axis=0)
print(loss)
""",
)

RULE = Rule(
    code="BP906",
    slug="unscaled-inputs",
    title="inputs so large that they saturate the first layer",
    severity="warning",
    explanation=__doc__ or "",
    why="weights of the usual size are made for inputs of the size of 1; larger ones are where σ and tanh are flat",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
    aliases=("saturation",),
)
