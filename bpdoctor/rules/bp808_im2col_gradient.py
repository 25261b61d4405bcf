"""Columns are folded back into an image without adding up where they overlap, or in another order.

## What it does
`col2im` writes each window with `=` where windows overlap, or reshapes the columns with two of their axes
exchanged.

## Why it is wrong
`im2col` copies a pixel into every window that contains it, so the pixel's derivative is the sum over those
windows. An assignment keeps the last one. And what was laid out row by row must be taken apart in the same
order: with square kernels a wrong order fits and mixes rows with columns.

## Example
    da[i:i+2, j:j+2] = dcol[k].reshape(2, 2)

## Use instead
    da[i:i+2, j:j+2] += dcol[k].reshape(2, 2)

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

LAYERS = ("columns",)


def predict(local: Local) -> Iterable[Prediction]:
    """The adjoint of this place after a sweep that makes one mistake inside the layer."""
    return along(local, LAYERS, "the sum over all windows that contain a pixel")


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(315)
images = rng.normal(size=(6, 4, 4))
t = images[:, 1, 1] * images[:, 2, 2]
gain = 0.5 + rng.random((4, 4))
kernel, v = rng.normal(size=4), 0.4 * rng.normal(size=9)
for step in range(40):
    for x, target in zip(images, t):
        a = np.tanh(gain * x)
        col = np.zeros((9, 4))
        for i in range(3):
            for j in range(3):
                col[3 * i + j] = a[i:i + 2, j:j + 2].reshape(4)
        h = np.tanh(col @ kernel)
        y = h @ v
        loss = 0.5 * (y - target) ** 2
        dh = (y - target) * v * (1 - h**2)
        dcol = np.outer(dh, kernel)
        da = np.zeros((4, 4))
        for i in range(3):
            for j in range(3):
                da[i:i + 2, j:j + 2] += dcol[3 * i + j].reshape(2, 2)
        v = v - 0.05 * (y - target) * h
        kernel = kernel - 0.05 * col.T @ dh
        gain = gain - 0.05 * da * (1 - a**2) * x
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(315)
images = rng.normal(size=(6, 4, 4))
t = images[:, 1, 1] * images[:, 2, 2]
gain = 0.5 + rng.random((4, 4))
kernel, v = rng.normal(size=4), 0.4 * rng.normal(size=9)
for step in range(40):
    for x, target in zip(images, t):
        a = np.tanh(gain * x)
        col = np.zeros((9, 4))
        for i in range(3):
            for j in range(3):
                col[3 * i + j] = a[i:i + 2, j:j + 2].reshape(4)
        h = np.tanh(col @ kernel)
        y = h @ v
        loss = 0.5 * (y - target) ** 2
        dh = (y - target) * v * (1 - h**2)
        dcol = np.outer(dh, kernel)
        da = np.zeros((4, 4))
        for i in range(3):
            for j in range(3):
                da[i:i + 2, j:j + 2] = dcol[3 * i + j].reshape(2, 2)  # <- im2col-gradient
        v = v - 0.05 * (y - target) * h
        kernel = kernel - 0.05 * col.T @ dh
        gain = gain - 0.05 * da * (1 - a**2) * x
print(loss)
""",
)

RULE = Rule(
    code="BP808",
    slug="im2col-gradient",
    title="columns are folded back wrongly",
    severity="error",
    explanation=__doc__ or "",
    why=("each pixel was copied into every window that contains it; its gradient is the sum over these copies"),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
    layers=("columns",),
)
