"""The backward pass of max-pooling gives the error to the wrong entries of a window.

## What it does
The error of a pooled value is spread over the whole window, given to every entry in full, or masked with
something else than the place of the maximum.

## Why it is wrong
The maximum of a window changes with its largest entry alone: that entry has derivative 1, the others 0.
Dividing by the size of the window belongs to average-pooling.

## Example
    da[window] = dp[i, j] / 4

## Use instead
    da[window] = dp[i, j] * (block == block.max())

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

LAYERS = ("maximum",)


def predict(local: Local) -> Iterable[Prediction]:
    """The adjoint of this place after a sweep that makes one mistake inside the layer."""
    return along(local, LAYERS, "the error at the largest entry of each window, 0 elsewhere")


_OVERLAPPING = """\
import numpy as np

rng = np.random.default_rng(314)
X = rng.normal(size=(8, 7, 7))
t = X.max(axis=(1, 2)).reshape(-1, 1) - X[:, 3, 3].reshape(-1, 1)
gain, v, c = 0.5 + rng.random((7, 7)), 0.3 * rng.normal(size=(9, 1)), np.zeros(1)
n, i, j = np.indices((8, 3, 3))
for step in range(40):
    a = np.tanh(gain * X)
    windows = np.lib.stride_tricks.sliding_window_view(a, (3, 3), axis=(1, 2))[:, ::2, ::2]
    flat = windows.reshape(8, 3, 3, 9)
    best = flat.argmax(axis=-1)
    p = flat.max(axis=-1)
    y = p.reshape(8, 9) @ v + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dp = (d @ v.T).reshape(8, 3, 3)
    da = np.zeros_like(a)
    {}
    v -= 0.05 * p.reshape(8, 9).T @ d
    c -= 0.05 * d.sum(axis=0)
    gain -= 0.05 * (da * (1 - a**2) * X).sum(axis=0)
print(loss)
"""

VALID = (
    _OVERLAPPING.format("np.add.at(da, (n, 2 * i + best // 3, 2 * j + best % 3), dp)"),
    """\
import numpy as np

rng = np.random.default_rng(313)
images = rng.normal(size=(10, 4, 4))
t = images[:, :2, :2].max(axis=(1, 2)) - images[:, 3, 3]
gain, offset = 0.5 + rng.random((4, 4)), 0.1 * rng.normal(size=(4, 4))
w = rng.normal(size=(2, 2))
for step in range(40):
    for x, target in zip(images, t):
        a = np.tanh(gain * x + offset)
        p = np.zeros((2, 2))
        for i in range(2):
            for j in range(2):
                p[i, j] = np.max(a[2 * i:2 * i + 2, 2 * j:2 * j + 2])
        y = np.sum(p * w)
        loss = 0.5 * (y - target) ** 2
        dp = (y - target) * w
        da = np.zeros_like(a)
        for i in range(2):
            for j in range(2):
                block = a[2 * i:2 * i + 2, 2 * j:2 * j + 2]
                da[2 * i:2 * i + 2, 2 * j:2 * j + 2] = dp[i, j] * (block == block.max())
        dz = da * (1 - a**2)
        w = w - 0.02 * (y - target) * p
        gain = gain - 0.02 * dz * x
        offset = offset - 0.02 * dz
print(loss)
""",
)

INVALID = (
    _OVERLAPPING.format("da[n, 2 * i + best // 3, 2 * j + best % 3] = dp  # <- pooling-gradient"),
    """\
import numpy as np

rng = np.random.default_rng(313)
images = rng.normal(size=(10, 4, 4))
t = images[:, :2, :2].max(axis=(1, 2)) - images[:, 3, 3]
gain, offset = 0.5 + rng.random((4, 4)), 0.1 * rng.normal(size=(4, 4))
w = rng.normal(size=(2, 2))
for step in range(40):
    for x, target in zip(images, t):
        a = np.tanh(gain * x + offset)
        p = np.zeros((2, 2))
        for i in range(2):
            for j in range(2):
                p[i, j] = np.max(a[2 * i:2 * i + 2, 2 * j:2 * j + 2])
        y = np.sum(p * w)
        loss = 0.5 * (y - target) ** 2
        dp = (y - target) * w
        da = np.zeros_like(a)
        for i in range(2):
            for j in range(2):
                block = a[2 * i:2 * i + 2, 2 * j:2 * j + 2]
                da[2 * i:2 * i + 2, 2 * j:2 * j + 2] = dp[i, j] / block.size  # <- pooling-gradient
        dz = da * (1 - a**2)
        w = w - 0.02 * (y - target) * p
        gain = gain - 0.02 * dz * x
        offset = offset - 0.02 * dz
print(loss)
""",
)

RULE = Rule(
    code="BP806",
    slug="pooling-gradient",
    title="error of a pooled value goes to the wrong entries",
    severity="error",
    explanation=__doc__ or "",
    why=("only the largest entry of a window moves its maximum: it gets the whole error and the others nothing"),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
    layers=("maximum",),
    place="factor",
)
