"""An array is changed in place, and later code reads it for what it held before.

## What it does
`delta = probs` gives the array a second name. `delta[rows, labels] -= 1` then changes `probs` as
well. Later the program reads `probs` for the loss, the accuracy or the final answer, and gets the
deltas.

## Why it is wrong
The gradient `s − t` is right, and the network trains. What is read afterwards is not
`s` but `s − t`: its entry at the true class is negative, so the logarithm of it is NaN and the
accuracy close to 0; the printed "probabilities" of a row sum to 0. The same happens when
`x -= mean` changes the caller's data or `h *= mask` a value that the backward pass still needs.

## Example
    delta = probs
    delta[np.arange(n), labels] -= 1
    accuracy = np.mean(probs.argmax(axis=1) == labels)

## Use instead
    delta = probs.copy()
    delta[np.arange(n), labels] -= 1

## How it is proved
Each buffer has a version that rises with every write in place. An expression reads version 1 of
an array whose value was produced, under that name, as version 0. Both lines are shown, the write
and the read. The idiom alone is harmless: without a later read there is no finding.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the write in place and the reading that still expects the old contents."""
    seen: set[tuple[int, str]] = set()
    reads = examination.measurements["mutation"]
    for read in reads:
        if (read.write, read.name) in seen:
            continue
        seen.add((read.write, read.name))
        others = [r for r in reads if (r.write, r.name) == (read.write, read.name)]
        line = examination.sites[read.read].line
        yield Evidence(
            read.write,
            f"this overwrites `{read.name}` through `{read.writer}`, and line {line} still reads it",
            label=f"`{read.writer}` and `{read.name}` are one array",
            facts=(
                f"`{read.name}` was computed in the forward pass and is not computed again before it is read",
                "the gradient is wrong by it" if read.families else "the gradients are right; what is read late is not",
            ),
            related=tuple((r.read, f"reads `{r.name}` after it was overwritten") for r in others),
            families=tuple(sorted({k for r in others for k in r.families})),
        )


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(60)
X = rng.normal(size=(12, 3))
labels = np.argmax(X + 0.2 * rng.normal(size=(12, 3)), axis=1)
W, b = 0.3 * rng.normal(size=(3, 3)), np.zeros(3)
rows = np.arange(len(X))
for epoch in range(60):
    z = X @ W + b
    e = np.exp(z - z.max(axis=1, keepdims=True))
    probs = e / e.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(probs[rows, labels]))
    delta = probs.copy()
    delta[rows, labels] -= 1
    W -= 0.3 * X.T @ delta / len(X)
    b -= 0.3 * delta.mean(axis=0)
    accuracy = np.mean(probs.argmax(axis=1) == labels)
print(loss, accuracy)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(2, 5)), 0.1 * rng.normal(size=5)
        self.V, self.c = rng.normal(size=(5, 1)), np.zeros(1)

    def forward(self, x):
        self.h = np.tanh(x @ self.W + self.b)
        self.out = self.h @ self.V + self.c
        return self.out

    def backward(self, x, t, lr):
        err = self.out.copy()
        err -= t
        g = 2 * err / len(x)
        gh = g @ self.V.T * (1 - self.h**2)
        self.V -= lr * self.h.T @ g
        self.c -= lr * g.sum(axis=0)
        self.W -= lr * x.T @ gh
        self.b -= lr * gh.sum(axis=0)

rng = np.random.default_rng(61)
x = rng.normal(size=(8, 2))
t = x[:, :1] * x[:, 1:] + 1.0
net = Net(rng)
for step in range(50):
    out = net.forward(x)
    net.backward(x, t, 0.05)
    loss = np.mean((out - t) ** 2)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(62)
X = rng.normal(size=(10, 3))
y = np.digitize(X[:, 0], [-0.4, 0.4])
W, b = 0.3 * rng.normal(size=(3, 3)), np.zeros(3)
for epoch in range(60):
    e = np.exp(X @ W + b)
    s = e / e.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(s[range(10), y]))
    d = s
    d[range(10), y] -= 1
    W -= 0.4 * X.T @ d / 10
    b -= 0.4 * d.sum(axis=0) / 10
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(60)
X = rng.normal(size=(12, 3))
labels = np.argmax(X + 0.2 * rng.normal(size=(12, 3)), axis=1)
W, b = 0.3 * rng.normal(size=(3, 3)), np.zeros(3)
rows = np.arange(len(X))
for epoch in range(60):
    z = X @ W + b
    e = np.exp(z - z.max(axis=1, keepdims=True))
    probs = e / e.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(probs[rows, labels]))
    delta = probs
    delta[rows, labels] -= 1  # <- read-after-mutation
    W -= 0.3 * X.T @ delta / len(X)
    b -= 0.3 * delta.mean(axis=0)
    accuracy = np.mean(probs.argmax(axis=1) == labels)
print(loss, accuracy)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(2, 5)), 0.1 * rng.normal(size=5)
        self.V, self.c = rng.normal(size=(5, 1)), np.zeros(1)

    def forward(self, x):
        self.h = np.tanh(x @ self.W + self.b)
        self.out = self.h @ self.V + self.c
        return self.out

    def backward(self, x, t, lr):
        err = self.out
        err -= t  # <- read-after-mutation
        g = 2 * err / len(x)
        gh = g @ self.V.T * (1 - self.h**2)
        self.V -= lr * self.h.T @ g
        self.c -= lr * g.sum(axis=0)
        self.W -= lr * x.T @ gh
        self.b -= lr * gh.sum(axis=0)

rng = np.random.default_rng(61)
x = rng.normal(size=(8, 2))
t = x[:, :1] * x[:, 1:] + 1.0
net = Net(rng)
for step in range(50):
    out = net.forward(x)
    net.backward(x, t, 0.05)
    loss = np.mean((out - t) ** 2)
print(loss)
""",
)

RULE = Rule(
    code="BP401",
    slug="read-after-mutation",
    title="array overwritten in place and read again under its old meaning",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "an assignment copies no array: two names are one buffer, and after the in-place write the old "
        "values that are read later no longer exist"
    ),
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
