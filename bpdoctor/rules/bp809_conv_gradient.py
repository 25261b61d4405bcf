"""A convolution's backward pass takes the wrong window, order or orientation.

## What it does
The gradient of a kernel or of an image is built from the wrong windows: rows and columns exchanged, the
window or the kernel turned round, or with `=` where windows add up.

## Why it is wrong
`z[i, j] = Σ x[i+p, j+q] k[p, q]` gives `dk[p, q] = Σ_ij dz[i, j] x[i+p, j+q]` and
`dx[i+p, j+q] += dz[i, j] k[p, q]`: the same windows in the same orientation, summed over all positions.
Square images and kernels hide a wrong order.

## Example
    dkernel += dz[j, i] * x[i:i+3, j:j+3]

## Use instead
    dkernel += dz[i, j] * x[i:i+3, j:j+3]

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

LAYERS = ("window",)


def predict(local: Local) -> Iterable[Prediction]:
    """The adjoint of this place after a sweep that makes one mistake inside the layer."""
    return along(local, LAYERS, "the sum over all positions of dz times the window that was read there")


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(316)
images = rng.normal(size=(8, 5, 5))
t = images[:, 1:4, 1:4].sum(axis=(1, 2)) / 3
kernel, w = 0.5 * rng.normal(size=(3, 3)), 0.5 * rng.normal(size=(3, 3))
bias = np.zeros(1)
for step in range(30):
    for x, target in zip(images, t):
        z = np.zeros((3, 3))
        for i in range(3):
            for j in range(3):
                z[i, j] = np.sum(x[i:i + 3, j:j + 3] * kernel)
        h = np.tanh(z)
        y = np.sum(h * w) + bias[0]
        loss = 0.5 * (y - target) ** 2
        d = y - target
        dz = d * w * (1 - h**2)
        dkernel = np.zeros_like(kernel)
        for i in range(3):
            for j in range(3):
                dkernel += dz[i, j] * x[i:i + 3, j:j + 3]
        kernel -= 0.03 * dkernel
        w -= 0.03 * d * h
        bias -= 0.03 * d
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(316)
images = rng.normal(size=(8, 5, 5))
t = images[:, 1:4, 1:4].sum(axis=(1, 2)) / 3
kernel, w = 0.5 * rng.normal(size=(3, 3)), 0.5 * rng.normal(size=(3, 3))
bias = np.zeros(1)
for step in range(30):
    for x, target in zip(images, t):
        z = np.zeros((3, 3))
        for i in range(3):
            for j in range(3):
                z[i, j] = np.sum(x[i:i + 3, j:j + 3] * kernel)
        h = np.tanh(z)
        y = np.sum(h * w) + bias[0]
        loss = 0.5 * (y - target) ** 2
        d = y - target
        dz = d * w * (1 - h**2)
        dkernel = np.zeros_like(kernel)
        for i in range(3):
            for j in range(3):
                dkernel = dz[i, j] * x[i:i + 3, j:j + 3]  # <- conv-gradient
        kernel -= 0.03 * dkernel
        w -= 0.03 * d * h
        bias -= 0.03 * d
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(316)
images = rng.normal(size=(8, 5, 5))
t = images[:, 1:4, 1:4].sum(axis=(1, 2)) / 3
kernel, w = 0.5 * rng.normal(size=(3, 3)), 0.5 * rng.normal(size=(3, 3))
bias = np.zeros(1)
for step in range(30):
    for x, target in zip(images, t):
        z = np.zeros((3, 3))
        for i in range(3):
            for j in range(3):
                z[i, j] = np.sum(x[i:i + 3, j:j + 3] * kernel)
        h = np.tanh(z)
        y = np.sum(h * w) + bias[0]
        loss = 0.5 * (y - target) ** 2
        d = y - target
        dz = d * w * (1 - h**2)
        dkernel = np.zeros_like(kernel)
        for i in range(3):
            for j in range(3):
                dkernel += dz[j, i] * x[i:i + 3, j:j + 3]  # <- conv-gradient
        kernel -= 0.03 * dkernel
        w -= 0.03 * d * h
        bias -= 0.03 * d
print(loss)
""",
)

RULE = Rule(
    code="BP809",
    slug="conv-gradient",
    title="gradient of a convolution is wrong",
    severity="error",
    explanation=__doc__ or "",
    why=("every position adds its own window times its own error, in the orientation of the forward pass"),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
    layers=("window",),
)
