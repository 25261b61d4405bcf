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
The expression that takes the mean over several samples in training takes it over one after the last step. Or it
takes it over the samples that are evaluated, while running averages are kept that no other statement ever reads.
Evaluating a large batch with its own statistics is left alone where there are no others.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the batch mean that is taken of one sample, or in place of the running average."""
    for found in examination.measurements["evaluation"]:
        if found.kind == "statistics":
            text = " ".join(examination.sites[found.site].text.split())
            yield Evidence(
                found.site,
                f"`{text}` is the mean of a single sample after training: what is normalised with it is 0",
                label="the statistics of the batch, also at evaluation",
                facts=("the answer is the same for every sample that is evaluated alone",),
            )
        elif found.kind == "averages":
            called = found.told != found.site
            yield Evidence(
                found.told,
                "what is evaluated is normalised by its own statistics; the running averages are kept for nothing",
                label="runs as in training" if called else "the statistics of the batch, also at evaluation",
                related=((found.site, "the statistics of the batch are taken here"),) if called else (),
                facts=("no statement reads the running averages but the one that updates them",),
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


_AVERAGES = """\
import numpy as np

rng = np.random.default_rng(813)
X, X_new = rng.normal(1, 2, size=(24, 3)), rng.normal(1, 2, size=(10, 3))
t, t_new = X[:, :1] - X[:, 1:2], X_new[:, :1] - X_new[:, 1:2]

class Norm:
    def __init__(self, n):
        self.mean, self.var = np.zeros(n), np.ones(n)

    def forward(self, z, mode):
        if mode == "test":
            return (z - self.mean) / np.sqrt(self.var + 1e-5)
        mu, var = z.mean(axis=0), z.var(axis=0)
        self.std = np.sqrt(var + 1e-5)
        self.mean = 0.9 * self.mean + 0.1 * mu
        self.var = 0.9 * self.var + 0.1 * var
        self.n = (z - mu) / self.std
        return self.n

    def backward(self, d):
        return (d - d.mean(axis=0) - self.n * np.mean(d * self.n, axis=0)) / self.std

norm = Norm(6)
W = rng.normal(size=(3, 6)) / 2
V, c = rng.normal(size=(6, 1)) / 2, np.zeros(1)

def answer(x, mode="train"):
    global h
    h = np.tanh(norm.forward(x @ W, mode))
    return h @ V + c

for step in range(60):
    y = answer(X)
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dz = norm.backward(d @ V.T * (1 - h**2))
    V -= 0.1 * h.T @ d
    c -= 0.1 * d.sum(axis=0)
    W -= 0.1 * X.T @ dz
print(np.mean((answer(X_new{}) - t_new) ** 2)){}
"""

VALID = (
    _NET.format(on="training", mark="", end=_ONE),
    _NET.format(on="True", mark="", end=_ALL).replace(
        "        kept[:] = [0.9 * kept[0] + 0.1 * mean, 0.9 * kept[1] + 0.1 * std]\n", ""
    ),
    _AVERAGES.format(', "test"', ""),
)

INVALID = (
    _NET.format(on="True", mark="  # <- batchnorm-eval", end=_ONE),
    _AVERAGES.format("", "  # <- batchnorm-eval"),
)

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
