"""A gradient carries over from earlier steps, or keeps only the last sample of a loop.

## What it does
Either an accumulator is created once, outside the training loop, and `+=` adds to it for ever; or
inside a loop over samples the gradient is assigned with `=` and each sample overwrites the one
before.

## Why it is wrong
The gradient of `L = (1/N) Σ_n L_n` at the present parameters is the sum of the samples' gradients at
these parameters. An accumulator that is never cleared holds `g_1 + g_2 + … + g_t`: a momentum of 1,
so the steps grow, overshoot and oscillate. With `=` only sample N counts, divided by N: the network
learns the last sample slowly and the others not at all.

## Example
    dW = np.zeros_like(W)
    for epoch in range(100):
        dW += x.T @ (y - t)
        W -= lr * dW

## Use instead
    for epoch in range(100):
        dW = x.T @ (y - t)
        W -= lr * dW

## How it is proved
The gradient in use equals the true one at the first step; at step t it equals the sum of the true
gradients of steps 1 … t. In the other case it equals the contribution of the last sample to
rounding error, and the other samples' contributions are shown to be missing. Where a loss is computed of several
differences and the gradients are those of the last one, the others added make them those of the loss.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name sums of gradients that no step clears."""
    yield from _overwritten(examination)
    summed = [odd for odd in examination.measurements["optimizer"] if odd.kind == "summed"]
    if not summed:
        return
    first, *others = summed
    related = [(odd.site, "and here") for odd in others]
    if first.update != first.site:
        related.append((first.update, "applied here"))
    yield Evidence(
        first.site,
        "gradients of all steps are added up: the sum is never cleared",
        label="adds to what the step before left",
        facts=("at every recorded step the sum starts from the one before, and the update uses all of it",),
        related=tuple(dict.fromkeys(related)),
        rewrites=_cleared(examination.sites[first.site].node, first.site),
    )


def _overwritten(examination: Examination) -> Iterator[Evidence]:
    """Name gradients of single samples that are stored one over the other."""
    found = examination.measurements["overwritten"]
    if found is None:
        return
    first, *others = sorted(found.sites, key=lambda site: examination.sites[site].line)
    statements = {site: examination.sites[site].statement for site in (first, *others)}
    rewrites = tuple((site, node, text) for site, s in statements.items() if s is not None for node, text in _added(s))
    yield Evidence(
        first,
        f"of the gradients of {found.times} samples only the last is used",
        label="overwrites what the sample before left",
        facts=(
            "at every recorded step the loop computes a gradient for each sample, and those before the last are read "
            "by nothing",
        ),
        related=(*((site, "and here") for site in others), (found.loop, "the loop over the samples")),
        families=found.families,
        rewrites=rewrites,
        together=True,
    )


def _added(statement: ast.stmt) -> Iterator[tuple[ast.AST, str]]:
    """``total = term`` as ``total += term``, and ``[term for total, term in …]`` as ``[total + term for …]``."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) > 1:
        return
    value = statement.value
    if not isinstance(value, ast.ListComp):
        if not isinstance(statement.targets[0], ast.Tuple):
            yield statement, f"{ast.unparse(statement.targets[0])} += {ast.unparse(value)}"
        return
    bound = value.generators[0].target
    names = [e.id for e in bound.elts if isinstance(e, ast.Name)] if isinstance(bound, ast.Tuple) else []
    if isinstance(value.elt, ast.Name) and value.elt.id in names and len(names) == 2:
        total = next(name for name in names if name != value.elt.id)
        yield value.elt, f"{total} + {value.elt.id}"


def _cleared(node: ast.AST, site: int) -> tuple[tuple[int, Any, str], ...]:
    """The sum of one term as a plain assignment."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        return ((site, node, f"{ast.unparse(node.target)} = {ast.unparse(node.value)}"),)
    return ()


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(73)
X = np.column_stack([np.ones(10), rng.normal(size=(10, 3))])
t = (X[:, 1] - X[:, 2] + 0.3 > 0).astype(float)
w = 0.1 * rng.normal(size=4)
grad = np.zeros(4)
for epoch in range(60):
    p = 1 / (1 + np.exp(-X @ w))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    grad = X.T @ (p - t) / len(X)
    w -= 0.05 * grad
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(4, 2)), 0.1 * rng.normal(size=4)
        self.v, self.c = rng.normal(size=4), np.zeros(1)

    def epoch(self, xs, ts, lr):
        gW, gb, gv, gc, loss = 0 * self.W, 0 * self.b, 0 * self.v, 0 * self.c, 0.0
        for x, t in zip(xs, ts):
            h = np.tanh(self.W @ x + self.b)
            err = self.v @ h + self.c[0] - t
            loss += 0.5 * err**2 / len(xs)
            back = err * self.v * (1 - h**2) / len(xs)
            gW += np.outer(back, x)
            gb += back
            gv += err * h / len(xs)
            gc += err / len(xs)
        self.W -= lr * gW
        self.b -= lr * gb
        self.v -= lr * gv
        self.c -= lr * gc
        return loss

rng = np.random.default_rng(74)
xs = rng.normal(size=(8, 2))
ts = xs[:, 0] * xs[:, 1] - 0.5
net = Net(rng)
for k in range(50):
    loss = net.epoch(xs, ts, 0.2)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(76)
words, size = 7, 4
text = rng.integers(0, words, size=30)
A, B = rng.normal(size=(words, size)), rng.normal(size=(size, words))
for epoch in range(10):
    for k in range(1, len(text) - 1):
        x, around = np.eye(words)[text[k]], [np.eye(words)[text[k - 1]], np.eye(words)[text[k + 1]]]
        h = A.T @ x
        u = B.T @ h
        p = np.exp(u) / np.sum(np.exp(u))
        loss = -sum(u @ word for word in around) + len(around) * np.log(np.sum(np.exp(u)))
        d = np.zeros(words)
        for word in around:
            d += p - word
        dA, dB = np.outer(x, B @ d), np.outer(h, d)
        A -= 0.05 * dA
        B -= 0.05 * dB
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(73)
X = np.column_stack([np.ones(10), rng.normal(size=(10, 3))])
t = (X[:, 1] - X[:, 2] + 0.3 > 0).astype(float)
w = 0.1 * rng.normal(size=4)
grad = np.zeros(4)
for epoch in range(60):
    p = 1 / (1 + np.exp(-X @ w))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    grad += X.T @ (p - t) / len(X)  # <- gradient-accumulation
    w -= 0.05 * grad
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(4, 2)), 0.1 * rng.normal(size=4)
        self.v, self.c = rng.normal(size=4), np.zeros(1)

    def epoch(self, xs, ts, lr):
        gW, gb, gv, gc, loss = 0 * self.W, 0 * self.b, 0 * self.v, 0 * self.c, 0.0
        for x, t in zip(xs, ts):
            h = np.tanh(self.W @ x + self.b)
            err = self.v @ h + self.c[0] - t
            loss += 0.5 * err**2 / len(xs)
            back = err * self.v * (1 - h**2) / len(xs)
            gW = np.outer(back, x)  # <- gradient-accumulation
            gb += back
            gv += err * h / len(xs)
            gc += err / len(xs)
        self.W -= lr * gW
        self.b -= lr * gb
        self.v -= lr * gv
        self.c -= lr * gc
        return loss

rng = np.random.default_rng(74)
xs = rng.normal(size=(8, 2))
ts = xs[:, 0] * xs[:, 1] - 0.5
net = Net(rng)
for k in range(50):
    loss = net.epoch(xs, ts, 0.2)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(76)
words, size = 7, 4
text = rng.integers(0, words, size=30)
A, B = rng.normal(size=(words, size)), rng.normal(size=(size, words))
for epoch in range(10):
    for k in range(1, len(text) - 1):
        x, around = np.eye(words)[text[k]], [np.eye(words)[text[k - 1]], np.eye(words)[text[k + 1]]]
        h = A.T @ x
        u = B.T @ h
        p = np.exp(u) / np.sum(np.exp(u))
        loss = -sum(u @ word for word in around) + len(around) * np.log(np.sum(np.exp(u)))
        d = np.zeros(words)
        for word in around:
            d = p - word  # <- gradient-accumulation
        dA, dB = np.outer(x, B @ d), np.outer(h, d)
        A -= 0.05 * dA
        B -= 0.05 * dB
print(loss)
""",
)

RULE = Rule(
    code="BP504",
    slug="gradient-accumulation",
    title="gradients are not reset, or not summed, between samples or steps",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "one step needs the sum over its own samples and nothing else; here it holds the sum of earlier "
        "steps as well, or the last sample alone"
    ),
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
    place="kept",
)
