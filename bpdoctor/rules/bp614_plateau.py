"""The loss lies flat, though longer steps would lower it at once.

## What it does
The run ends on the plateau on which it began: the learning rate is too small for it, or gets smaller too soon.

## Why it is wrong
The gradients are right and there is a slope, and the steps take hardly any of it. With so many steps the loss moves
by less than a hundredth.

## Example
    rate = 0.0001

## Use instead
    rate = 0.1

## How it is proved
For the last nine tenths of at least 300 steps on the same data the loss stays within one part in a hundred. The last
sampled step is computed again at 1000 times its length: that alone would gain a thousandth of the loss or more, a
run of such steps all of it, and hundreds of times what the step itself gained, so that nothing bends on the way. At
a minimum, a local one too, there is no such slope, and nothing is said. `learning-rate-too-low` is the same where
the steps are so short that they could never get there.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule

_FEWEST = 300
# Of the loss: by one such step, and by as many as the run made if the slope went on.
_GAIN, _WHOLE = 1e-3, 1.0


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the steps of a run that stays on its plateau."""
    for found in examination.measurements["standstill"]:
        enough = found.gain >= _GAIN and found.steps * found.gain >= _WHOLE
        if found.steps < _FEWEST or not enough or not found.straight:
            continue
        yield Evidence(
            examination.views[0].families[0].site,
            f"the loss stays at {found.loss:.4g} for {found.steps} steps, and there is a slope",
            label="these steps take hardly any of it",
            facts=(f"the last step, 1000 times as long, would lower it by {found.gain:.1%} at once",),
            late=True,
        )


_XOR = """\
import numpy as np

rng = np.random.default_rng({seed})
X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
t = np.array([[0.0], [1.0], [1.0], [0.0]])
W1, b1 = {size} * rng.normal(size=(2, 4)), {size} * rng.normal(size=4)
W2, b2 = {outer} * rng.normal(size=(4, 1)), np.zeros(1)
rate = {rate}
for step in range({steps}):
    h = 1 / (1 + np.exp(-(X @ W1 + b1)))
    p = 1 / (1 + np.exp(-(h @ W2 + b2))){mark}
    loss = np.mean((p - t) ** 2)
    d2 = 2 * (p - t) * p * (1 - p) / len(X)
    d1 = d2 @ W2.T * h * (1 - h)
    W2 -= rate * h.T @ d2{mark2}
    b2 -= rate * d2.sum(axis=0)
    W1 -= rate * X.T @ d1
    b1 -= rate * d1.sum(axis=0)
print(loss)
"""

VALID = (
    _XOR.format(seed=3, size="1.0", outer="1.0", rate="2.0", steps=400, mark="", mark2=""),
    # Slow, and it moves.
    _XOR.format(seed=5, size="2.0", outer="2.0", rate="0.3", steps=600, mark="", mark2=""),
)

INVALID = (_XOR.format(seed=9, size="2.0", outer="3.0", rate="0.0003", steps=400, mark="", mark2="  # <- plateau"),)

RULE = Rule(
    code="BP614",
    slug="plateau",
    title="loss lies flat though longer steps would lower it",
    severity="warning",
    explanation=__doc__ or "",
    why="there is a slope, and the steps take hardly any of it",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
