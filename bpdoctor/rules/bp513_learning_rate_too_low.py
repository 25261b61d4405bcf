"""The steps are so short that training does not move.

## What it does
The learning rate is orders of magnitude too small, on its own or together with gradients that are averaged
once too often.

## Why it is wrong
With steps of a hundred-millionth of the weights, a thousand of them change nothing that could be seen. The
loss looks like a plateau, and the search for a wrong gradient begins; the gradients are right.

## Example
    lr = 1e-7
    W -= lr * dW

## Use instead
    lr = 0.1
    W -= lr * dW

## How it is proved
The loss is the same to four digits over the recorded steps, hundreds apart; each changes the weights by less
than 1e-5 of their size; and a step a thousand times as long, computed again from the recorded pass, lowers the
loss about a thousand times as much: there is a slope, and no curvature in the way. Where units are
saturated, dead or identical, the plateau has that cause, and nothing is said here.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule

_FLAT = 1e-4
_SHORT = 1e-5
_FEWEST = 100


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name steps that are too short to matter."""
    steps = examination.measurements["descent"]
    if len(steps) < 4 or steps[-1].iteration - steps[0].iteration < _FEWEST:
        return
    if any(layer.saturated and max(layer.saturated) > 0.5 for layer in examination.measurements["activity"]):
        return
    first, last = steps[0], steps[-1]
    flat = all(abs(d.before - first.before) < _FLAT * abs(first.before) for d in steps)
    short = all(d.ratio < _SHORT for d in steps)
    if not (flat and short):
        return
    # A thousand times as long a step gains at least three hundred times as much.
    if all(d.before - d.at(1000.0) > 300 * abs(d.before - d.after) > 0 for d in (first, last)):
        yield Evidence(
            examination.views[0].families[0].site,
            f"the loss stays at {first.before:.4g}: each step moves the weights by {last.ratio:.1g} of their size",
            label="these steps are too short",
            facts=(
                f"{first.before:.6g} at iteration {first.iteration}, {last.before:.6g} at iteration {last.iteration}",
                f"a step 1000 times as long would take it to {last.at(1000.0):.6g}",
            ),
        )


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(334)
X = rng.normal(size=(20, 2))
t = (X[:, :1] * X[:, 1:] > 0).astype(float)
W, b = rng.normal(size=(2, 6)), np.zeros(6)
V, c = rng.normal(size=(6, 1)), np.zeros(1)
for step in range(300):
    h = np.tanh(X @ W + b)
    p = 1 / (1 + np.exp(-(h @ V + c)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d = (p - t) / len(X)
    dh = d @ V.T * (1 - h**2)
    V -= 0.001 * h.T @ d  # slow, and it moves
    c -= 0.001 * d.sum(axis=0)
    W -= 0.001 * X.T @ dh
    b -= 0.001 * dh.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(335)
x = rng.normal(size=(25, 2))
t = x @ np.array([[1.0], [-1.0]])
w, c = np.array([[1.0], [-1.0]]) + 1e-9 * rng.normal(size=(2, 1)), np.zeros(1)
for step in range(400):  # starts where it ends
    y = x @ w + c
    cost = np.mean((y - t) ** 2) + 0.25
    w -= 0.1 * 2 * x.T @ (y - t) / len(x)
    c -= 0.1 * 2 * np.mean(y - t, axis=0)
print(cost)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(334)
X = rng.normal(size=(20, 2))
t = (X[:, :1] * X[:, 1:] > 0).astype(float)
W, b = rng.normal(size=(2, 6)), np.zeros(6)
V, c = rng.normal(size=(6, 1)), np.zeros(1)
for step in range(300):
    h = np.tanh(X @ W + b)
    p = 1 / (1 + np.exp(-(h @ V + c)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d = (p - t) / len(X)
    dh = d @ V.T * (1 - h**2)
    V -= 1e-7 * h.T @ d  # <- learning-rate-too-low
    c -= 1e-7 * d.sum(axis=0)
    W -= 1e-7 * X.T @ dh
    b -= 1e-7 * dh.sum(axis=0)
print(loss)
""",
)

RULE = Rule(
    code="BP513",
    slug="learning-rate-too-low",
    title="steps are too short to change the loss",
    severity="warning",
    explanation=__doc__ or "",
    why="the gradient is right and there is a slope, but the steps are thousands of times shorter than they might be",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
