"""The layers of the network are only multiplied, so that all of them together are one.

## What it does
`h = X @ W1 + b1` goes into the next layer as it is: the call of the activation was forgotten, or the activation
returns its argument.

## Why it is wrong
`(X W1 + b1) W2 + b2 = X (W1 W2) + (b1 W2 + b2)`: however many layers there are, the network is one affine
function of its inputs. It cannot learn XOR, a circle, a curve: the best it can answer to XOR is 0.5, whatever the
row. The gradients are right.

## Example
    h = X @ W1 + b1
    p = sigmoid(h @ W2 + b2)

## Use instead
    h = np.tanh(X @ W1 + b1)
    p = sigmoid(h @ W2 + b2)

## How it is proved
From the data to the last weighted sum there are products with weights, sums and changes of shape, and nothing
else. The best affine fit of the targets is computed beside it by least squares: where it explains them, the
network may be meant so, and nothing is said. Nor is it where a middle layer is narrower than both ends (a linear
code, a factorisation), or where the run itself gets nine in ten samples right.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule

# Of the variance, or of the samples: a linear network that comes to this is good enough.
_ENOUGH = 0.9


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the first layer without an activation after it, in a network that needs one."""
    for found in examination.measurements["affine"]:
        fit = found.explained if found.right is None else max(found.right, found.reached or 0.0)
        if fit >= _ENOUGH:
            continue
        what = "of the targets' variance" if found.right is None else "of the samples right"
        text = " ".join(examination.sites[found.sites[0]].text.split())
        yield Evidence(
            found.sites[0],
            f"no activation follows `{text}`: the {len(found.sites)} layers are one affine function of the inputs",
            label="goes on as it is",
            facts=(f"the best affine fit by least squares gets {fit:.0%} {what}, and no linear network can do better",),
            related=tuple((site, "multiplied again here") for site in found.sites[1:]),
        )


_XOR = """\
import numpy as np

rng = np.random.default_rng(608)
X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
t = np.array({t}, dtype=float).reshape(4, 1)
W1, b1 = rng.normal(size=(2, 4)), np.zeros(4)
W2, b2 = rng.normal(size=(4, 1)), np.zeros(1)
for step in range(200):
    h = {h}
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d2 = (p - t) / len(X)
    d1 = d2 @ W2.T{slope}
    W2 -= 0.5 * h.T @ d2
    b2 -= 0.5 * d2.sum(axis=0)
    W1 -= 0.5 * X.T @ d1
    b1 -= 0.5 * d1.sum(axis=0)
print(loss)
"""

VALID = (
    _XOR.format(t="[0, 1, 1, 0]", h="np.tanh(X @ W1 + b1)", slope=" * (1 - h**2)"),
    # Linear, for a question that a line answers.
    _XOR.format(t="[0, 0, 1, 1]", h="X @ W1 + b1", slope=""),
    """\
import numpy as np

rng = np.random.default_rng(609)
X = rng.normal(size=(40, 2)) @ rng.normal(size=(2, 6)) + 0.3 * rng.normal(size=(40, 6))
E, D = rng.normal(size=(6, 2)) / 3, rng.normal(size=(2, 6)) / 3
for step in range(150):  # a linear code: two numbers for six
    z = X @ E
    Y = z @ D
    loss = np.sum((Y - X) ** 2) / len(X)
    d = 2 * (Y - X) / len(X)
    dz = d @ D.T
    D -= 0.01 * z.T @ d
    E -= 0.01 * X.T @ dz
print(loss)
""",
)

INVALID = (
    _XOR.format(t="[0, 1, 1, 0]", h="X @ W1 + b1  # <- no-nonlinearity", slope=""),
    """\
import numpy as np

rng = np.random.default_rng(610)
x = np.linspace(-2, 2, 40).reshape(1, 40)
y = x**2
layers = [[rng.normal(size=(6, 1)), np.zeros((6, 1))], [0.4 * rng.normal(size=(1, 6)), np.zeros((1, 1))]]
for epoch in range(150):
    a = [x]
    for W, b in layers:
        a.append(W @ a[-1] + b)  # <- no-nonlinearity
    loss = np.mean((a[-1] - y) ** 2)
    delta = 2 * (a[-1] - y) / y.size
    for i in (1, 0):
        W, b = layers[i]
        below = W.T @ delta
        layers[i] = [W - 0.02 * delta @ a[i].T, b - 0.02 * delta.sum(axis=1, keepdims=True)]
        delta = below
print(loss)
""",
)

RULE = Rule(
    code="BP608",
    slug="no-nonlinearity",
    title="layers without a nonlinearity between them",
    severity="warning",
    explanation=__doc__ or "",
    why="a product of matrices is a matrix: without a nonlinearity between them, many layers do what one can do",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
