"""The backward pass of a normalisation treats its mean or its variance as constants.

## What it does
A batch-norm or layer-norm layer is pulled back without the terms that come through the mean and the
variance, or without its gain or its 1/σ.

## Why it is wrong
Mean and variance are computed from the same values that are normalised, so each value acts on all of the
normalised ones. With `x̂ = (x − μ)/σ` the derivative has three terms:
`dx = (dx̂ − mean(dx̂) − x̂ · mean(dx̂ · x̂)) / σ`. The first alone moves the weights in directions that the
normalisation takes out again.

## Example
    dz = dzn / std

## Use instead
    dz = (dzn - dzn.mean(axis=0) - zn * (dzn * zn).mean(axis=0)) / std

## How it is proved
The reverse sweep is run again with one of its steps inside the layer left out or done wrongly; one of
these sweeps equals your gradient to rounding error at several points, and the right one does not. Where
none of them does, the finding says that the gradient inside this layer is wrong and not how.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.autodiff.mistakes import along
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule

LAYERS = ("normalisation",)


def predict(local: Local) -> Iterable[Prediction]:
    """The adjoint of this place after a sweep that makes one mistake inside the layer."""
    return along(local, LAYERS, "the three terms (dx̂ − mean(dx̂) − x̂·mean(dx̂·x̂)) / σ")


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(310)
X = rng.normal(1.5, 2.0, size=(12, 3))
t = np.tanh(X[:, :1] - X[:, 1:2])
W, V = rng.normal(size=(3, 5)), 0.4 * rng.normal(size=(5, 1))
gain, shift = np.ones(5), 0.1 * rng.normal(size=5)
for step in range(60):
    z = X @ W
    mu = z.mean(axis=0)
    std = np.sqrt(((z - mu) ** 2).mean(axis=0) + 1e-6)
    zn = (z - mu) / std
    h = np.tanh(gain * zn + shift)
    y = h @ V
    loss = np.mean((y - t) ** 2)
    dy = 2 * (y - t) / len(X)
    du = dy @ V.T * (1 - h**2)
    dzn = du * gain
    dz = (dzn - dzn.mean(axis=0) - zn * (dzn * zn).mean(axis=0)) / std
    V -= 0.1 * h.T @ dy
    gain -= 0.1 * (du * zn).sum(axis=0)
    shift -= 0.1 * du.sum(axis=0)
    W -= 0.1 * X.T @ dz
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(310)
X = rng.normal(1.5, 2.0, size=(12, 3))
t = np.tanh(X[:, :1] - X[:, 1:2])
W, V = rng.normal(size=(3, 5)), 0.4 * rng.normal(size=(5, 1))
gain, shift = np.ones(5), 0.1 * rng.normal(size=5)
for step in range(60):
    z = X @ W
    mu = z.mean(axis=0)
    std = np.sqrt(((z - mu) ** 2).mean(axis=0) + 1e-6)
    zn = (z - mu) / std
    h = np.tanh(gain * zn + shift)
    y = h @ V
    loss = np.mean((y - t) ** 2)
    dy = 2 * (y - t) / len(X)
    du = dy @ V.T * (1 - h**2)
    dzn = du * gain
    dz = dzn / std  # <- batchnorm-gradient
    V -= 0.1 * h.T @ dy
    gain -= 0.1 * (du * zn).sum(axis=0)
    shift -= 0.1 * du.sum(axis=0)
    W -= 0.1 * X.T @ dz
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(310)
X = rng.normal(1.5, 2.0, size=(12, 3))
t = np.tanh(X[:, :1] - X[:, 1:2])
W, V = rng.normal(size=(3, 5)), 0.4 * rng.normal(size=(5, 1))
gain, shift = np.ones(5), 0.1 * rng.normal(size=5)
for step in range(60):
    z = X @ W
    mu = z.mean(axis=0)
    std = np.sqrt(((z - mu) ** 2).mean(axis=0) + 1e-6)
    zn = (z - mu) / std
    h = np.tanh(gain * zn + shift)
    y = h @ V
    loss = np.mean((y - t) ** 2)
    dy = 2 * (y - t) / len(X)
    du = dy @ V.T * (1 - h**2)
    dzn = du * gain
    dz = (dzn - zn * (dzn * zn).mean(axis=0)) / std  # <- batchnorm-gradient
    V -= 0.1 * h.T @ dy
    gain -= 0.1 * (du * zn).sum(axis=0)
    shift -= 0.1 * du.sum(axis=0)
    W -= 0.1 * X.T @ dz
print(loss)
""",
)

RULE = Rule(
    code="BP803",
    slug="batchnorm-gradient",
    title="gradient of a normalisation is incomplete",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "mean and variance depend on every value that is normalised: the derivative has a term through each"
        " of them, beside gain and 1/σ"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
    layers=("normalisation",),
)
