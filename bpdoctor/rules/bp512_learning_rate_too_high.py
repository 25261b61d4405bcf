"""The steps are so long that they raise the very loss whose gradient they follow.

## What it does
The learning rate is out of proportion to the curvature of the loss: because it was copied from elsewhere, the
gradient is summed over all samples, or the data are not scaled.

## Why it is wrong
Along the gradient the loss is `L(η) ≈ L − η |g|² + ½ η² gᵀHg`. It falls until `η = |g|²/gᵀHg`, and from twice
that on each step ends higher than it began: the loss oscillates and grows, or one leap throws the weights
to where units are saturated or dead. The gradients are right, and a gradient check passes.

## Example
    W -= 300.0 * dW

## Use instead
    W -= 0.3 * dW

## How it is proved
The forward pass of the recorded steps is computed again after the step as it was taken, and after a tenth, a
hundredth and a thousandth of it: on the same samples the step raises the loss and the shorter one lowers it.
It is said where the loss leaps tenfold at the first step, where most steps raise it and the run ends no lower than
it began, or where such a step is followed by the death of a layer of rectified units. Single steps that go up are
part of momentum and of noise.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule

_LEAP = 10.0
_RISE = 1e-3


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name steps that go up where shorter ones go down."""
    steps = examination.measurements["descent"]
    if not steps or examination.measurements["optimizer"] or examination.measurements["clipping"]:
        return
    first = steps[0]
    leaps = first.ratio > 1 and not first.after < _LEAP * abs(first.before) and _descends(first) is not None
    rising = [d for d in steps if not d.after < d.before + _RISE * abs(d.before)]
    curved = [d for d in rising if _descends(d) is not None]
    ends = steps[-1].before
    lasting = len(steps) > 3 and 2 * len(curved) > len(steps) and not ends < first.before
    lost = [x for x in examination.measurements["dying"] if curved and curved[0].iteration < x.since]
    shown = first if leaps else curved[0] if lasting or lost else None
    if shown is None:
        return
    scale = _descends(shown)
    yield Evidence(
        examination.views[0].families[0].site,
        f"a step along the right gradient takes the loss from {shown.before:.4g} to {shown.after:.4g}",
        label="these steps are too long",
        facts=(
            f"on the same samples, {scale[0]:g} times the step gives {scale[1]:.4g}" if scale else "",
            f"the step is {shown.ratio:.2g} times as long as the weights it changes",
            f"{len(rising)} of {len(steps)} recorded steps raise the loss",
            *(f"from step {x.since} on {x.share:.0%} of the rectified units are 0 for every sample" for x in lost),
        ),
        related=tuple((x.site, "dead in consequence") for x in lost),
    )


def _descends(step: Any) -> tuple[float, float] | None:
    """A shorter step and the lower loss after it."""
    return next(((s, step.at(s)) for s in (0.1, 0.01, 0.001) if step.at(s) < step.before), None)


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(331)
X = rng.normal(size=(20, 2))
t = np.sin(2 * X[:, :1]) + X[:, 1:]
W, b = rng.normal(size=(2, 8)), np.zeros(8)
V, c = rng.normal(size=(8, 1)) / 3, np.zeros(1)
velocity = [np.zeros_like(p) for p in (W, b, V, c)]
for step in range(100):
    h = np.tanh(X @ W + b)
    y = h @ V + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ V.T * (1 - h**2)
    for p, v, g in zip((W, b, V, c), velocity, (X.T @ dh, dh.sum(0), h.T @ d, d.sum(0))):
        v *= 0.9  # overshoots now and then
        v -= 0.05 * g
        p += v
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(332)
X = rng.normal(size=(60, 3))
t = (X @ np.array([1.0, -2.0, 0.5]) + 0.8 * rng.normal(size=60) > 0).astype(float)
w, bias = np.zeros(3), 0.0
for epoch in range(10):
    for i in rng.permutation(60):
        p = 1 / (1 + np.exp(-(X[i] @ w + bias)))
        loss = -t[i] * np.log(p) - (1 - t[i]) * np.log(1 - p)
        w = w - 0.5 * (p - t[i]) * X[i]
        bias = bias - 0.5 * (p - t[i])
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(331)
X = rng.normal(size=(20, 2))
t = np.sin(2 * X[:, :1]) + X[:, 1:]
W, b = rng.normal(size=(2, 8)), np.zeros(8)
V, c = rng.normal(size=(8, 1)) / 3, np.zeros(1)
for step in range(100):
    h = np.tanh(X @ W + b)
    y = h @ V + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ V.T * (1 - h**2)
    W -= 2 * X.T @ dh  # <- learning-rate-too-high
    b -= 2 * dh.sum(axis=0)
    V -= 2 * h.T @ d
    c -= 2 * d.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(333)
x = rng.normal(size=(30, 2))
t = x @ np.array([[2.0], [-1.0]]) + 0.5
w, c = np.zeros((2, 1)), np.zeros(1)
for step in range(40):
    y = x @ w + c
    cost = np.sum((y - t) ** 2) / 2
    w -= 0.08 * x.T @ (y - t)  # <- learning-rate-too-high
    c -= 0.08 * np.sum(y - t, axis=0)
print(cost)
""",
)

RULE = Rule(
    code="BP512",
    slug="learning-rate-too-high",
    title="steps are too long and raise the loss",
    severity="warning",
    explanation=__doc__ or "",
    why="a step longer than twice what the curvature allows ends higher than it began, though its direction is right",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
