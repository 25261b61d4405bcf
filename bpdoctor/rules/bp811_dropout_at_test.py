"""Units are still dropped at random when the trained network is evaluated.

## What it does
The forward pass draws its mask whenever it is called, in training and afterwards: there is no mode, or the call
that evaluates does not set it.

## Why it is wrong
Dropout is noise for training. At evaluation the mean over masks is wanted, which is the whole network (with the
scale that was divided by `keep` in training). With a random mask the answer to the same sample is another one at
every call, and the accuracy is that of a damaged network.

## Example
    def forward(x):
        mask = (rng.random(hidden) < keep) / keep
        return (relu(x @ W1) * mask) @ W2

## Use instead
    def forward(x, training=False):
        h = relu(x @ W1)
        if training:
            h = h * ((rng.random(h.shape) < keep) / keep)
        return h @ W2

## How it is proved
In the forward pass a value is multiplied with zeros and one other number that are different at every step; the
same expression multiplies with such a mask again after the last step, or between the steps for other samples than
those that are learned from. The place is the call that asks for the mode of training, where there is one. Three or
more passes over the same values are an average over masks (Gal and Ghahramani 2016), and left alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the mask that is drawn after training."""
    for found in examination.measurements["evaluation"]:
        if found.kind == "dropout":
            called = found.told != found.site
            yield Evidence(
                found.told,
                f"dropout is still on at evaluation: {found.share:.0%} of these values are set to 0",
                label="runs as in training" if called else "multiplied with a new random mask at evaluation",
                related=((found.site, "a new random mask is drawn here"),) if called else (),
                facts=("two evaluations of the same samples give different answers",),
            )


_NET = """\
import numpy as np

rng = np.random.default_rng(811)
X = rng.normal(size=(24, 3))
t = np.sin(X[:, :1])
W, b = rng.normal(size=(3, 12)) / 2, np.zeros(12)
V, c = rng.normal(size=(12, 1)) / 3, np.zeros(1)

def forward(x, training):
    global mask
    h = np.tanh(x @ W + b)
    mask = (rng.random(h.shape) < 0.8) / 0.8
    if {on}:
        h = h * mask{mark}
    return h, h @ V + c

for step in range(80):
    h, y = forward(X, True)
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ V.T * mask * (1 - np.tanh(X @ W + b) ** 2)
    V -= 0.05 * h.T @ d
    c -= 0.05 * d.sum(axis=0)
    W -= 0.05 * X.T @ dh
    b -= 0.05 * dh.sum(axis=0)
{end}
"""

_BATCHES = """\
import numpy as np

rng = np.random.default_rng(812)
X = rng.normal(size=(50, 3))
t = np.sin(X[:, :1])
W, b = rng.normal(size=(3, 12)) / 2, np.zeros(12)
V, c = rng.normal(size=(12, 1)) / 3, np.zeros(1)

def forward(x, training=True):
    h = np.tanh(x @ W + b)
    mask = (rng.random(h.shape) < 0.8) / 0.8 if training else np.ones_like(h)
    h = h * mask
    return h, mask, h @ V + c

for epoch in range(20):
    for k in range(0, 40, 16):  # the last batch is shorter
        x, target = X[k : min(k + 16, 40)], t[k : min(k + 16, 40)]
        h, mask, y = forward(x)
        d = 2 * (y - target) / len(x)
        dh = d @ V.T * mask * (1 - np.tanh(x @ W + b) ** 2)
        V -= 0.05 * h.T @ d
        c -= 0.05 * d.sum(axis=0)
        W -= 0.05 * x.T @ dh
        b -= 0.05 * dh.sum(axis=0)
    {}
"""

VALID = (
    _BATCHES.format("print(np.mean((forward(X[40:], training=False)[2] - t[40:]) ** 2))"),
    _NET.format(on="training", mark="", end="print(np.mean((forward(X, False)[1] - t) ** 2))"),
    _NET.format(
        on="training",
        mark="",
        end="    if step % 20 == 0:\n        print(np.mean((forward(X[:8] + 0.1, False)[1] - t[:8]) ** 2))",
    ),
    # An average over masks, and its spread.
    _NET.format(on="True", mark="", end="print(np.std([forward(X, True)[1] for _ in range(20)], axis=0).mean())"),
)

INVALID = (
    _BATCHES.format("print(np.mean((forward(X[40:])[2] - t[40:]) ** 2))  # <- dropout-at-test"),
    _NET.format(on="True", mark="  # <- dropout-at-test", end="print(np.mean((forward(X, False)[1] - t) ** 2))"),
    _NET.format(
        on="training",
        mark="",
        end="print(np.mean((forward(X, True)[1] - t) ** 2))  # <- dropout-at-test",
    ),
    _NET.format(
        on="training",
        mark="",
        end="    if step % 20 == 0:\n"
        "        print(np.mean((forward(X[:8] + 0.1, training=True)[1] - t[:8]) ** 2))  # <- dropout-at-test",
    ),
)

RULE = Rule(
    code="BP811",
    slug="dropout-at-test",
    title="dropout is on at evaluation",
    severity="warning",
    explanation=__doc__ or "",
    why="dropout is noise for training; at evaluation it makes the answer random and worse",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
