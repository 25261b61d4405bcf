"""The gradient of an embedding keeps one of several occurrences of a row.

## What it does
`dE[index] += g` or `dE[index] = g` with an index in which a row occurs more than once.

## Why it is wrong
NumPy reads `dE[index]`, adds g and writes back: where a row occurs twice the second write overwrites the
first, and one occurrence is lost. The gradient of a row is the sum over all places it was used.

## Example
    dE[index] += g

## Use instead
    np.add.at(dE, index, g)

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

LAYERS = ("gather",)


def predict(local: Local) -> Iterable[Prediction]:
    """The adjoint of this place after a sweep that makes one mistake inside the layer."""
    return along(local, LAYERS, "the sum over all occurrences of a row")


_IN_PLACE = """\
import numpy as np

rng = np.random.default_rng(316)
text = "a b c b a d b b c d a a c b d e a b e e b c".split()
letters = sorted(set(text))
ids = [letters.index(w) for w in text]
E = rng.normal(size=(len(letters), 4)) * 0.4
V = rng.normal(size=(4, len(letters))) * 0.4
samples = [(np.array(ids[i - 2 : i] + ids[i + 1 : i + 3]), ids[i]) for i in range(2, len(ids) - 2)]
for epoch in range(40):
    total = 0.0
    for context, target in samples:
        h = E[context].mean(axis=0)
        s = h @ V
        p = np.exp(s - s.max())
        p /= p.sum()
        total -= np.log(p[target])
        d = p.copy()
        d[target] -= 1
        dh = V @ d
        V -= 0.1 * np.outer(h, d)
        {}
    print(total)
"""

VALID = (
    """\
import numpy as np

rng = np.random.default_rng(314)
texts = rng.integers(0, 6, size=(8, 5))
t = np.sin(np.arange(8.0))
table = 0.5 * rng.normal(size=(6, 4))
w = rng.normal(size=4)
for step in range(60):
    rows = table[texts]
    h = np.tanh(rows.sum(axis=1))
    y = h @ w
    loss = 0.5 * np.mean((y - t) ** 2)
    d = (y - t) / len(t)
    dh = np.outer(d, w) * (1 - h**2)
    drows = np.repeat(dh[:, None, :], 5, axis=1)
    dtable = np.zeros_like(table)
    np.add.at(dtable, texts, drows)
    table -= 0.1 * dtable
    w -= 0.1 * h.T @ d
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(315)
lines = ["one two three", "four two one", "three one four", "two five one", "five five two", "four four four one"]
worth = np.array([0.2, -0.3, 0.5, 0.1, -0.6, 0.7])
rank = {w: k for k, w in enumerate(dict.fromkeys(" ".join(lines).split()))}
E = 0.4 * rng.normal(size=(len(rank), 4))
u, c = rng.normal(size=4), 0.0
for epoch in range(20):
    cost = 0.0
    for words, t in zip(lines, worth):
        index = [rank[w] for w in words.split()]
        h = np.tanh(E[index].mean(axis=0))
        y = h @ u + c
        cost += (y - t) ** 2
        d = 2 * (y - t)
        row = d * u * (1 - h**2) / len(index)
        dE = np.zeros_like(E)
        np.add.at(dE, index, row)
        u = u - 0.1 * d * h
        c = c - 0.1 * d
        E = E - 0.1 * dE
print(cost)
""",
    _IN_PLACE.format("np.subtract.at(E, context, 0.1 * dh / len(context))"),
)


INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(314)
texts = rng.integers(0, 6, size=(8, 5))
t = np.sin(np.arange(8.0))
table = 0.5 * rng.normal(size=(6, 4))
w = rng.normal(size=4)
for step in range(60):
    rows = table[texts]
    h = np.tanh(rows.sum(axis=1))
    y = h @ w
    loss = 0.5 * np.mean((y - t) ** 2)
    d = (y - t) / len(t)
    dh = np.outer(d, w) * (1 - h**2)
    drows = np.repeat(dh[:, None, :], 5, axis=1)
    dtable = np.zeros_like(table)
    dtable[texts] += drows  # <- embedding-gradient
    table -= 0.1 * dtable
    w -= 0.1 * h.T @ d
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(315)
lines = ["one two three", "four two one", "three one four", "two five one", "five five two", "four four four one"]
worth = np.array([0.2, -0.3, 0.5, 0.1, -0.6, 0.7])
rank = {w: k for k, w in enumerate(dict.fromkeys(" ".join(lines).split()))}
E = 0.4 * rng.normal(size=(len(rank), 4))
u, c = rng.normal(size=4), 0.0
for epoch in range(20):
    cost = 0.0
    for words, t in zip(lines, worth):
        index = [rank[w] for w in words.split()]
        h = np.tanh(E[index].mean(axis=0))
        y = h @ u + c
        cost += (y - t) ** 2
        d = 2 * (y - t)
        row = d * u * (1 - h**2) / len(index)
        dE = np.zeros_like(E)
        dE[index] += row  # <- embedding-gradient
        u = u - 0.1 * d * h
        c = c - 0.1 * d
        E = E - 0.1 * dE
print(cost)
""",
    _IN_PLACE.format("E[context] -= 0.1 * dh / len(context)  # <- embedding-gradient"),
)


RULE = Rule(
    code="BP807",
    slug="embedding-gradient",
    title="repeated rows of an embedding overwrite each other",
    severity="error",
    explanation=__doc__ or "",
    why=("a row that is looked up several times collects the sum of its errors; an indexed assignment keeps the last"),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
    layers=("gather",),
)
