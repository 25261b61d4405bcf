"""A single sample is normalised with its own mean, so that it is gone.

## What it does
Batch normalisation computes mean and variance of whatever it is given, at evaluation too, and there it is given
one sample.

## Why it is wrong
The mean over a batch of one is the sample itself: `x - mean` is 0, and the layer answers with its shift for every
input. Already for small batches the answer to a sample depends on which others happen to stand beside it. At
evaluation the statistics of training are meant, kept as running averages.

## Example
    def normalise(z):
        return gamma * (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + eps) + beta

## Use instead
    def normalise(z, training):
        if training:
            running_mean[:] = 0.9 * running_mean + 0.1 * z.mean(axis=0)
            running_var[:] = 0.9 * running_var + 0.1 * z.var(axis=0)
            return gamma * (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + eps) + beta
        return gamma * (z - running_mean) / np.sqrt(running_var + eps) + beta

## How it is proved
The expression that takes the mean over several samples in training takes it over one after the last step.
Evaluating a large batch with its own statistics is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the batch mean that is taken of one sample."""
    for found in examination.measurements["evaluation"]:
        if found.kind == "statistics":
            text = " ".join(examination.sites[found.site].text.split())
            yield Evidence(
                found.site,
                f"`{text}` is the mean of a single sample after training: what is normalised with it is 0",
                label="the statistics of the batch, also at evaluation",
                facts=("the answer is the same for every sample that is evaluated alone",),
            )


_NET = """\
import numpy as np

rng = np.random.default_rng(812)
X = rng.normal(size=(20, 3))
t = X[:, :1] - X[:, 1:2]
W = rng.normal(size=(3, 6)) / 2
V, c = rng.normal(size=(6, 1)) / 2, np.zeros(1)
kept = [np.zeros(6), np.ones(6)]

def normalise(z, training):
    if {on}:
        mean = z.mean(axis=0){mark}
        std = np.sqrt(z.var(axis=0) + 1e-5)
        kept[:] = [0.9 * kept[0] + 0.1 * mean, 0.9 * kept[1] + 0.1 * std]
        return (z - mean) / std, std
    return (z - kept[0]) / kept[1], kept[1]

for step in range(60):
    n, std = normalise(X @ W, True)
    h = np.tanh(n)
    y = h @ V + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dn = d @ V.T * (1 - h**2)
    dz = (dn - dn.mean(axis=0) - n * np.mean(dn * n, axis=0)) / std
    V -= 0.1 * h.T @ d
    c -= 0.1 * d.sum(axis=0)
    W -= 0.1 * X.T @ dz
{end}
"""
_ALL = "print(np.mean((np.tanh(normalise(X @ W, False)[0]) @ V + c - t) ** 2))"
_ONE = "print(np.tanh(normalise(X[:1] @ W, False)[0]) @ V + c)"

VALID = (
    _NET.format(on="training", mark="", end=_ONE),
    _NET.format(on="True", mark="", end=_ALL),
)

INVALID = (_NET.format(on="True", mark="  # <- batchnorm-eval", end=_ONE),)

RULE = Rule(
    code="BP812",
    slug="batchnorm-eval",
    title="batch statistics of a single sample at evaluation",
    severity="warning",
    explanation=__doc__ or "",
    why="the mean of one sample is the sample itself, and nothing of it is left",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
