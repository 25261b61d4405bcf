"""Labels and predictions do not mean the same classes.

## What it does
Classes are numbered from 1 in one place and from 0 in another, the columns of the outputs stand in another order
than the labels they are compared with, or rows of the one-hot targets are empty, because a label was out of the
range that the loop over classes covers.

## Why it is wrong
A network that has learned everything is reported to know nothing: all its answers are right, under other names.
And a softmax gives probabilities that sum to 1; for a row of targets that are all 0, "prediction minus target" is
no derivative of the cross-entropy, and pushes every class down.

## Example
    predicted = np.argmax(p, axis=1)
    accuracy = np.mean(predicted == digit)          # digit counts from 1

## Use instead
    accuracy = np.mean(predicted + 1 == digit)

## How it is proved
Where predicted classes are compared with labels, they are counted class against class. Reported is a comparison
in which fewer than a third agree, while more than nine in ten would if the classes were renamed, one for one: what
a network that has learned nothing cannot show. Of one-hot targets of a softmax, the rows that sum to 0 are counted;
rows that name several classes at once may be meant.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the comparison in which the classes are displaced, or the output whose targets are no classes."""
    labels = examination.measurements["labels"]
    for found in labels.empty:
        yield Evidence(
            found.site,
            f"{found.count} of {found.total} one-hot targets of this softmax are empty",
            label="these probabilities sum to 1, their targets to 0",
        )
    for found in labels.displaced:
        names = [(k, c) for k, c in enumerate(found.names) if k != c][:3]
        yield Evidence(
            found.site,
            f"predictions and labels are numbered differently: {found.right:.0%} agree, {found.renamed:.0%} would",
            label="compared here",
            facts=("predicted class by label: " + ", ".join(f"{k} for {c}" for k, c in names),),
            severity="error",
        )


_NET = """\
import numpy as np

rng = np.random.default_rng(902)
centres = np.array([[2.0, 0.0], [-1.0, 2.0], [-1.0, -2.0]])
digit = np.repeat([0, 1, 2], 12)
X = centres[digit] + 0.4 * rng.normal(size=(36, 2))
T = np.zeros((36, 3))
{fill}
W, b = rng.normal(size=(2, 3)), np.zeros(3)
for step in range(120):
    e = np.exp(X @ W + b)
    p = e / e.sum(axis=1, keepdims=True){mark}
    loss = -np.mean(np.sum(T * np.log(p), axis=1))
    d = (p - T) / len(X)
    W -= 0.5 * X.T @ d
    b -= 0.5 * d.sum(axis=0)
predicted = np.argmax(X @ W + b, axis=1)
print(loss, {said})
"""
_FILL = "T[np.arange(36), digit] = 1"

VALID = (
    _NET.format(fill=_FILL, mark="", said="np.mean(predicted == digit)"),
    _NET.format(
        fill="digit = digit + 1\nT[np.arange(36), digit - 1] = 1", mark="", said="np.mean(predicted + 1 == digit)"
    ),
    # Nothing learned: no renaming makes these labels right.
    _NET.format(fill=_FILL, mark="", said="np.mean(predicted == rng.permutation(digit))"),
)

INVALID = (
    _NET.format(
        fill="digit = digit + 1\nT[np.arange(36), digit - 1] = 1",
        mark="",
        said="np.mean(predicted == digit)",
    ).replace("digit))\n", "digit))  # <- label-mismatch\n"),
)

RULE = Rule(
    code="BP902",
    slug="label-mismatch",
    title="labels and predictions number the classes differently",
    severity="warning",
    explanation=__doc__ or "",
    why="a class has one name; comparing by two of them tells nothing about the network",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
