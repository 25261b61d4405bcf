"""The initial weights are so large that units start saturated, or so small that all samples look the same.

## What it does
Weights are drawn with a standard deviation that does not shrink with the number of inputs: `rng.normal` as it
comes for hundreds of inputs, or times a large constant. Or all of them are multiplied with 0.01 or less.

## Why it is wrong
A weighted sum of n inputs has √n times the deviation of one term. With deviation 1 for 784 inputs z is of the
order of 28 times the inputs, σ'(z) is practically 0, and so is every gradient below. `1/√n` (Glorot) or `√(2/n)`
for rectified units (He) keeps the spread as it is from layer to layer. Weights that are a hundred times smaller
make the hidden units answer the same to every sample; the error that comes back to them is as much smaller again,
and it takes thousands of steps until they differ.

## Example
    W1 = rng.normal(size=(784, 30))
    h = sigmoid(x @ W1)

## Use instead
    W1 = rng.normal(size=(784, 30)) / np.sqrt(784)

## How it is proved
The derivative of the layer is below 1e-3 for most entries at the first recorded steps and at the last, and the
weights, more than the inputs, make it so: their deviation times √n is shown beside the size of the inputs.
Wide weights that saturate nothing are left alone. Small ones are reported when every layer of them passes on less
than a tenth of the spread it is given and the run stands still with the same output for every sample; that the
weights, and not the data or the rest, make it so is shown by computing the first pass again with weights of gain 1.
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
    yield from _small(examination)


def _small(examination: Examination) -> Iterable[Evidence]:
    """Name weights that are so small that the samples are not told apart."""
    for stuck in examination.measurements["standstill"]:
        for found in examination.measurements["small"] if stuck.constant else ():
            yield Evidence(
                found.made,
                f"these weights pass on {found.gain:.2g} of the spread of their inputs: all samples look the same",
                label=f"standard deviation times √n is {found.gain:.2g}; about 1 is usual",
                facts=(
                    f"over {stuck.steps} steps the loss stays at {stuck.loss:.4g}, the outputs deviate by "
                    f"{stuck.outputs:.2g}, the targets by {stuck.targets:.2g}",
                    f"computed again with weights of gain 1 the outputs deviate by {found.widened:.2g} from the start",
                ),
                rewrites=found.rewrites,
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
    """\
import numpy as np

rng = np.random.default_rng(345)
X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
t = np.array([[0.0], [1.0], [1.0], [0.0]])
W, b = 0.001 * rng.normal(size=(2, 4)), np.zeros(4)  # <- initialisation-scale
V, c = 0.001 * rng.normal(size=(4, 1)), np.zeros(1)
for step in range(400):
    h = 1 / (1 + np.exp(-(X @ W + b)))
    p = 1 / (1 + np.exp(-(h @ V + c)))
    loss = np.mean((p - t) ** 2)
    d = 2 * (p - t) * p * (1 - p) / len(X)
    dh = d @ V.T * h * (1 - h)
    V -= 1.0 * h.T @ d
    c -= 1.0 * d.sum(axis=0)
    W -= 1.0 * X.T @ dh
    b -= 1.0 * dh.sum(axis=0)
print(loss)
""",
)

RULE = Rule(
    code="BP605",
    slug="initialisation-scale",
    title="initial weights are too large, or too small, for their number of inputs",
    severity="warning",
    explanation=__doc__ or "",
    why="a sum of n terms spreads √n times as far as one; units that start saturated pass hardly any error back",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
