"""The network has no bias, and the data contain a row for which its output is therefore fixed.

## What it does
Every layer is `f(x @ W)`. A sample whose features are all 0 enters.

## Why it is wrong
`0 @ W = 0` whatever W is. If the hidden activation maps 0 to 0, as tanh and ReLU do, or if there is no
hidden layer, the zero reaches the output: a logistic unit then answers `σ(0) = 0.5`, a linear one 0,
at every step and for every choice of weights. If the target of that row is another value, its error
never falls. In XOR this is the row (0, 0): the famous output of exactly 0.5. With logistic hidden
units the theorem does not hold, since `σ(0) = 0.5` feeds the next layer and acts as a bias.

## Example
    h = np.tanh(X @ W1)
    p = sigmoid(h @ W2)

## Use instead
    h = np.tanh(X @ W1 + b1)
    p = sigmoid(h @ W2 + b2)

## How it is proved
The data row and its target are shown, together with the output at the recorded steps and at freshly
drawn weights: always f(0), to the last bit. Networks without bias whose data pin no output, or pin
it to the value wanted, are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the output that is the same for all parameters, and the target it therefore misses."""
    for output in examination.measurements["pinned"]:
        text = " ".join(examination.sites[output.site].text.split())
        place = f"[{', '.join(map(str, output.index))}]" if output.index else ""
        yield Evidence(
            output.site,
            f"without a bias, {output.entries} of {output.size} outputs `{text}` stay {output.value:.6g}",
            label=f"output{place} is {output.value:.6g}, its target {output.target:.6g}",
            facts=("the same at freshly drawn weights, to the last bit: its inputs are all 0",),
        )


VALID = (
    """\
import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [0.5, 1], [1, 0.2]], dtype=float)
t = np.array([[0], [1], [1], [0], [1], [1]], dtype=float)
rng = np.random.default_rng(97)
W1, W2 = rng.normal(size=(2, 5)), rng.normal(size=(5, 1))
b1, b2 = 0.1 * rng.normal(size=5), np.zeros(1)
for step in range(150):
    h = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d2 = (p - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.3 * h.T @ d2
    W1 -= 0.3 * X.T @ d1
    b2 -= 0.3 * d2.sum(axis=0)
    b1 -= 0.3 * d1.sum(axis=0)
print(p[0, 0])
""",
    """\
import numpy as np

class Gate:
    def __init__(self, rng, inputs):
        self.w = rng.normal(size=inputs)

    def train(self, x, t, lr):
        p = 1 / (1 + np.exp(-(x @ self.w)))  # the last column of x is 1 and serves as bias
        loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
        self.w -= lr * x.T @ (p - t) / len(t)
        return loss

x = np.array([[0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0], [1, 1, 0], [0, 1, 1], [1, 1, 1]], dtype=float)
t = np.array([0, 0, 0, 0, 1, 1, 1], dtype=float)
x = np.hstack([x, np.ones((7, 1))])
gate = Gate(np.random.default_rng(98), 4)
for epoch in range(80):
    loss = gate.train(x, t, 0.5)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(99)
X = np.vstack([np.zeros((1, 2)), rng.normal(size=(7, 2))])
t = (X[:, :1] > X[:, 1:]).astype(float)
W1, W2 = rng.normal(size=(2, 4)), rng.normal(size=(4, 1))
for step in range(80):
    h = 1 / (1 + np.exp(-(X @ W1)))
    p = 1 / (1 + np.exp(-(h @ W2)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d2 = (p - t) / len(X)
    d1 = d2 @ W2.T * h * (1 - h)
    W2 -= 0.3 * h.T @ d2
    W1 -= 0.3 * X.T @ d1
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [0.5, 1], [1, 0.2]], dtype=float)
t = np.array([[0], [1], [1], [0], [1], [1]], dtype=float)
rng = np.random.default_rng(97)
W1, W2 = rng.normal(size=(2, 5)), rng.normal(size=(5, 1))
for step in range(150):
    h = np.tanh(X @ W1)
    p = 1 / (1 + np.exp(-(h @ W2)))  # <- missing-bias
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d2 = (p - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.3 * h.T @ d2
    W1 -= 0.3 * X.T @ d1
print(p[0, 0])
""",
    """\
import numpy as np

class Gate:
    def __init__(self, rng, inputs):
        self.w = rng.normal(size=inputs)

    def train(self, x, t, lr):
        p = 1 / (1 + np.exp(-(x @ self.w)))  # <- missing-bias
        loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
        self.w -= lr * x.T @ (p - t) / len(t)
        return loss

x = np.array([[0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0], [1, 1, 0], [0, 1, 1], [1, 1, 1]], dtype=float)
t = np.array([0, 0, 0, 0, 1, 1, 1], dtype=float)
gate = Gate(np.random.default_rng(98), 3)
for epoch in range(80):
    loss = gate.train(x, t, 0.5)
print(loss)
""",
)

RULE = Rule(
    code="BP604",
    slug="missing-bias",
    title="without a bias the output at x = 0 is fixed",
    severity="warning",
    explanation=__doc__ or "",
    why=(
        "tanh(0 · W) = 0 and relu(0 · W) = 0 for every W, so the output for a row of zeros is f(0), which "
        "no training can change"
    ),
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
