"""The backward pass of attention leaves out the scale or mixes queries, keys and values.

## What it does
Of `out = softmax(Q Kᵀ / √d) V` one step is pulled back wrongly: the factor 1/√d is missing, the weights A
or the scores are not transposed, or one of the three paths is dropped.

## Why it is wrong
`dV = Aᵀ dO`, `dA = dO Vᵀ`, and with the scores' cotangent `dS`: `dQ = dS K / √d`, `dK = dSᵀ Q / √d`. Scores
are square, so that a missing transpose fits and goes unnoticed: position i then gets what belongs to the
positions that look at it.

## Example
    dV = A @ d

## Use instead
    dV = A.T @ d

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

LAYERS = ("attention",)


def predict(local: Local) -> Iterable[Prediction]:
    """The adjoint of this place after a sweep that makes one mistake inside the layer."""
    return along(local, LAYERS, "dV = Aᵀ dO, dQ = dS K / √d, dK = dSᵀ Q / √d")


VALID = (
    """\
import numpy as np

def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)

rng = np.random.default_rng(311)
X = rng.normal(size=(5, 4))
target = np.cumsum(X, axis=0)[:, :3]
Wq, Wk, Wv = (0.6 * rng.normal(size=(4, 3)) for _ in range(3))
root = np.sqrt(3)
for step in range(60):
    Q, K, V = X @ Wq, X @ Wk, X @ Wv
    A = softmax(Q @ K.T / root)
    out = A @ V
    loss = 0.5 * np.sum((out - target) ** 2)
    d = out - target
    dV = A.T @ d
    dA = d @ V.T
    dS = A * (dA - (dA * A).sum(axis=-1, keepdims=True)) / root
    dQ, dK = dS @ K, dS.T @ Q
    Wq -= 0.02 * X.T @ dQ
    Wk -= 0.02 * X.T @ dK
    Wv -= 0.02 * X.T @ dV
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)

rng = np.random.default_rng(311)
X = rng.normal(size=(5, 4))
target = np.cumsum(X, axis=0)[:, :3]
Wq, Wk, Wv = (0.6 * rng.normal(size=(4, 3)) for _ in range(3))
root = np.sqrt(3)
for step in range(60):
    Q, K, V = X @ Wq, X @ Wk, X @ Wv
    A = softmax(Q @ K.T / root)
    out = A @ V
    loss = 0.5 * np.sum((out - target) ** 2)
    d = out - target
    dV = A @ d  # <- attention-gradient
    dA = d @ V.T
    dS = A * (dA - (dA * A).sum(axis=-1, keepdims=True)) / root
    dQ, dK = dS @ K, dS.T @ Q
    Wq -= 0.02 * X.T @ dQ
    Wk -= 0.02 * X.T @ dK
    Wv -= 0.02 * X.T @ dV
print(loss)
""",
    """\
import numpy as np

def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)

rng = np.random.default_rng(311)
X = rng.normal(size=(5, 4))
target = np.cumsum(X, axis=0)[:, :3]
Wq, Wk, Wv = (0.6 * rng.normal(size=(4, 3)) for _ in range(3))
root = np.sqrt(3)
for step in range(60):
    Q, K, V = X @ Wq, X @ Wk, X @ Wv
    A = softmax(Q @ K.T / root)
    out = A @ V
    loss = 0.5 * np.sum((out - target) ** 2)
    d = out - target
    dV = A.T @ d
    dA = d @ V.T
    dS = A * (dA - (dA * A).sum(axis=-1, keepdims=True))  # <- attention-gradient
    dQ, dK = dS @ K, dS.T @ Q
    Wq -= 0.02 * X.T @ dQ
    Wk -= 0.02 * X.T @ dK
    Wv -= 0.02 * X.T @ dV
print(loss)
""",
)

RULE = Rule(
    code="BP804",
    slug="attention-gradient",
    title="gradient inside attention is wrong",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "the scores Q Kᵀ / √d pass through softmax and meet V: each of the three paths has its own transpose and"
        " the scale belongs to two of them"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
    layers=("attention",),
)
