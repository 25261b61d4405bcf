"""The derivative of softmax is treated as if each output depended on its own logit only.

## What it does
The error `g = ∂L/∂s` with respect to the probabilities is multiplied by `s * (1 − s)`, the
diagonal of the Jacobian. The entries off the diagonal are left out.

## Why it is wrong
`∂s_i/∂z_j = s_i ([i = j] − s_j)`. Raising one logit lowers all the other probabilities, hence
`∂L/∂z_j = s_j (g_j − Σ_i g_i s_i)`. One consequence is easy to check: adding a constant to all
logits changes nothing, so the components of `∂L/∂z` sum to 0 for each sample. With the diagonal
alone they do not. For two classes the result may look plausible; with more it is another direction.

## Example
    g = 2 * (s - t) / n
    dz = g * s * (1 - s)

## Use instead
    dz = s * (g - (g * s).sum(axis=1, keepdims=True))

## How it is proved
The reverse sweep with the Jacobian cut down to its diagonal must give your gradients. The report
also shows the largest row sum of your delta, which ought to be 0. With cross-entropy the short
form `s - t` contains the whole Jacobian already and is right; see `unneeded-output-derivative`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bpdoctor.autodiff.mistakes import Array, array, ends, probability_axis, proportional
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """The diagonal of the Jacobian alone, and other ways to lose or misread the sum over the classes."""
    s = local.after if local.role == "activation" else local.output
    g, exact = local.upstream, local.role == "activation"
    end = ends(local)
    if not exact and end is not None and proportional(local.true, end[0] - end[1]):
        with np.errstate(all="ignore"):
            g = -end[1] / end[0]
    axis = probability_axis(s)
    if axis is None or g is None or np.shape(g) != np.shape(local.value) or local.role not in ("activation", "output"):
        return
    s, g = array(s), array(g)
    if exact and end is None:
        yield Prediction(g, "g", "∂L/∂s, without the Jacobian", "s * (g - sum(g * s))")
    for label, value in _forms(s, g, axis):
        yield Prediction(value, label, label, "s * (g - sum(g * s))", free=not exact)


def _forms(s: Array, g: Array, axis: int) -> Iterable[tuple[str, Array]]:
    """(formula, value) with g the error in s."""
    inner = (g * s).sum(axis=axis, keepdims=True)
    yield "g * s * (1 - s)", g * s * (1 - s)
    yield "g * s", g * s
    yield "s * (g + sum(g * s))", s * (g + inner)
    yield "g - sum(g * s)", g - inner
    yield "g * (s - sum(g * s))", g * (s - inner)
    yield "-s * sum(g * s)", -s * inner
    yield "s * (g - sum(g))", s * (g - g.sum(axis=axis, keepdims=True))
    yield "s * (g - mean(g))", s * (g - g.mean(axis=axis, keepdims=True))
    yield "s * (g - mean(g * s))", s * (g - (g * s).mean(axis=axis, keepdims=True))
    yield "g * s * (s - 1)", g * s * (s - 1)
    yield "g * (1 - s)", g * (1 - s)
    yield "-s * s * g off the diagonal only", s * (g * s - inner)
    if s.ndim > 1:
        for wrong in range(s.ndim):
            if wrong != axis % s.ndim:
                text = f"s * (g - sum(g * s)), sum over axis {wrong}"
                yield text, s * (g - (g * s).sum(axis=wrong, keepdims=True))
        yield "s * (g - sum(g * s)), sum over everything", s * (g - (g * s).sum())


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(25)
X = rng.normal(size=(12, 2))
T = np.eye(3)[(X[:, 0] > 0).astype(int) + (X[:, 1] > 0)]
W1, b1 = rng.normal(size=(2, 5)), 0.1 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 3)), np.zeros(3)
for epoch in range(80):
    h = np.tanh(X @ W1 + b1)
    z = h @ W2 + b2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    s = e / e.sum(axis=1, keepdims=True)
    loss = np.sum((s - T) ** 2) / len(X)
    g = 2 * (s - T) / len(X)
    dz = s * (g - (g * s).sum(axis=1, keepdims=True))
    dh = dz @ W2.T * (1 - h**2)
    W2 -= 0.5 * h.T @ dz
    b2 -= 0.5 * dz.sum(axis=0)
    W1 -= 0.5 * X.T @ dh
    b1 -= 0.5 * dh.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Softmax:
    def forward(self, z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        self.s = e / e.sum(axis=1, keepdims=True)
        return self.s

    def backward(self, g):
        return self.s * (g - np.sum(g * self.s, axis=1, keepdims=True))

class Net:
    def __init__(self, rng):
        self.W, self.b, self.head = 0.5 * rng.normal(size=(3, 4)), np.zeros(4), Softmax()

    def train(self, x, t, lr):
        s = self.head.forward(x @ self.W + self.b)
        loss = -np.sum(t * np.log(s)) / len(x)
        d = self.head.backward(-t / s / len(x))
        self.W -= lr * x.T @ d
        self.b -= lr * d.sum(axis=0)
        return loss

rng = np.random.default_rng(26)
x = rng.normal(size=(14, 3))
t = np.eye(4)[np.argmax(x @ rng.normal(size=(3, 4)), axis=1)]
net = Net(rng)
for k in range(50):
    loss = net.train(x, t, 0.3)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(25)
X = rng.normal(size=(12, 2))
T = np.eye(3)[(X[:, 0] > 0).astype(int) + (X[:, 1] > 0)]
W1, b1 = rng.normal(size=(2, 5)), 0.1 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 3)), np.zeros(3)
for epoch in range(80):
    h = np.tanh(X @ W1 + b1)
    z = h @ W2 + b2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    s = e / e.sum(axis=1, keepdims=True)
    loss = np.sum((s - T) ** 2) / len(X)
    g = 2 * (s - T) / len(X)
    dz = g * s * (1 - s)  # <- softmax-jacobian
    dh = dz @ W2.T * (1 - h**2)
    W2 -= 0.5 * h.T @ dz
    b2 -= 0.5 * dz.sum(axis=0)
    W1 -= 0.5 * X.T @ dh
    b1 -= 0.5 * dh.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Softmax:
    def forward(self, z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        self.s = e / e.sum(axis=1, keepdims=True)
        return self.s

    def backward(self, g):
        return g * self.s * (1 - self.s)  # <- softmax-jacobian

class Net:
    def __init__(self, rng):
        self.W, self.b, self.head = 0.5 * rng.normal(size=(3, 4)), np.zeros(4), Softmax()

    def train(self, x, t, lr):
        s = self.head.forward(x @ self.W + self.b)
        loss = -np.sum(t * np.log(s)) / len(x)
        d = self.head.backward(-t / s / len(x))
        self.W -= lr * x.T @ d
        self.b -= lr * d.sum(axis=0)
        return loss

rng = np.random.default_rng(26)
x = rng.normal(size=(14, 3))
t = np.eye(4)[np.argmax(x @ rng.normal(size=(3, 4)), axis=1)]
net = Net(rng)
for k in range(50):
    loss = net.train(x, t, 0.3)
print(loss)
""",
)

RULE = Rule(
    code="BP103",
    slug="softmax-jacobian",
    title="backward pass of softmax keeps only the diagonal",
    severity="error",
    explanation=__doc__ or "",
    why="every softmax output depends on every logit: ∂L/∂z = s · (g − Σ g·s), not g · s(1 − s)",
    predict=predict,
    valid=VALID,
    invalid=INVALID,
)
