"""Where a value takes two ways through the network, the error of one way is forgotten.

## What it does
A skip connection `g = h + f(h)` is pulled back through one of its branches only.

## Why it is wrong
A value that is used twice collects the errors of both uses: `dh = dg + f'(h)ᵀ dg`. Without the direct term
the shortcut, which is there to carry the gradient, carries nothing; without the other one the layers below
do not learn what the block does.

## Example
    dh = dr @ A.T

## Use instead
    dh = dg + dr @ A.T

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

LAYERS = ("skip",)


def predict(local: Local) -> Iterable[Prediction]:
    """The adjoint of this place after a sweep that makes one mistake inside the layer."""
    return along(local, LAYERS, "the sum over both branches", ("left out",))


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(317)
X = rng.normal(size=(14, 4))
t = np.sin(X @ np.ones(4))[:, None]
W0, A, B = 0.6 * rng.normal(size=(4, 5)), 0.5 * rng.normal(size=(5, 6)), 0.5 * rng.normal(size=(6, 5))
w = rng.normal(size=(5, 1))
for step in range(60):
    h = np.tanh(X @ W0)
    r = np.tanh(h @ A)
    g = h + r @ B
    y = g @ w
    loss = 0.5 * np.mean((y - t) ** 2)
    dy = (y - t) / len(X)
    dg = dy @ w.T
    dr = dg @ B.T * (1 - r**2)
    dz = (dg + dr @ A.T) * (1 - h**2)
    w -= 0.1 * g.T @ dy
    B -= 0.1 * r.T @ dg
    A -= 0.1 * h.T @ dr
    W0 -= 0.1 * X.T @ dz
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(317)
X = rng.normal(size=(14, 4))
t = np.sin(X @ np.ones(4))[:, None]
W0, A, B = 0.6 * rng.normal(size=(4, 5)), 0.5 * rng.normal(size=(5, 6)), 0.5 * rng.normal(size=(6, 5))
w = rng.normal(size=(5, 1))
for step in range(60):
    h = np.tanh(X @ W0)
    r = np.tanh(h @ A)
    g = h + r @ B
    y = g @ w
    loss = 0.5 * np.mean((y - t) ** 2)
    dy = (y - t) / len(X)
    dg = dy @ w.T
    dr = dg @ B.T * (1 - r**2)
    dz = (dr @ A.T) * (1 - h**2)  # <- residual-gradient-missing
    w -= 0.1 * g.T @ dy
    B -= 0.1 * r.T @ dg
    A -= 0.1 * h.T @ dr
    W0 -= 0.1 * X.T @ dz
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(317)
X = rng.normal(size=(14, 4))
t = np.sin(X @ np.ones(4))[:, None]
W0, A, B = 0.6 * rng.normal(size=(4, 5)), 0.5 * rng.normal(size=(5, 6)), 0.5 * rng.normal(size=(6, 5))
w = rng.normal(size=(5, 1))
for step in range(60):
    h = np.tanh(X @ W0)
    r = np.tanh(h @ A)
    g = h + r @ B
    y = g @ w
    loss = 0.5 * np.mean((y - t) ** 2)
    dy = (y - t) / len(X)
    dg = dy @ w.T
    dr = dg @ B.T * (1 - r**2)
    dz = dg * (1 - h**2)  # <- residual-gradient-missing
    w -= 0.1 * g.T @ dy
    B -= 0.1 * r.T @ dg
    A -= 0.1 * h.T @ dr
    W0 -= 0.1 * X.T @ dz
print(loss)
""",
)

RULE = Rule(
    code="BP810",
    slug="residual-gradient-missing",
    title="error of one branch is left out",
    severity="error",
    explanation=__doc__ or "",
    why=("a value that goes two ways gets its error back from both"),
    predict=predict,
    place="call",
    valid=VALID,
    invalid=INVALID,
    layers=(),
)
