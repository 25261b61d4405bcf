"""The momentum term points against the previous step instead of along it.

## What it does
The update mixes the gradient step with the previous change, and the two are written in different
sign conventions: a velocity that counts downhill is subtracted where it should be added, or the
reverse.

## Why it is wrong
Two conventions are right: `v = μ v − η g; θ += v` and `v = μ v + η g; θ −= v`. In both the last
change continues, `Δ_t = −η g_t + μ Δ_{t−1}`, and a steady gradient is speeded up to `1/(1 − μ)` times.
With the sign turned, each step takes back the fraction μ of the one before: with μ = 0.9 a steady
gradient is slowed to `1/(1 + μ)`, about half, and what was meant to damp oscillation feeds it.
The gradients are right; a gradient check passes.

## Example
    v = lr * g - mu * v
    W -= v

## Use instead
    v = lr * g + mu * v
    W -= v

## How it is proved
The sequence of gradients and changes over the recorded steps is replayed with the recurrence
`Δ_t = −η g_t + c Δ_{t−1}`. It fits to rounding error with a negative c; its value is shown.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule
from bpdoctor.syntax.variants import signs


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the recurrence in which the last change comes back with a minus sign."""
    for odd in examination.measurements["optimizer"]:
        if odd.kind == "turned":
            statement = examination.sites[odd.site].statement
            yield Evidence(
                odd.site,
                "momentum turns against the previous step",
                label=f"the previous step enters {odd.amount:.3g} times",
                facts=(
                    f"computed again for drawn values: each change is the gradient's and {odd.amount:.3g} times the "
                    "change before",
                ),
                rewrites=tuple((odd.site, node, text) for node, text in signs(statement)),
            )


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(75)
X = rng.normal(size=(10, 2))
t = np.sin(X[:, :1]) * X[:, 1:]
P = {"W": rng.normal(size=(2, 5)), "b": 0.1 * rng.normal(size=5),
     "V": rng.normal(size=(5, 1)), "c": np.zeros(1)}
v = {name: np.zeros_like(value) for name, value in P.items()}
lr, mu = 0.05, 0.8
for step in range(80):
    h = np.tanh(X @ P["W"] + P["b"])
    y = h @ P["V"] + P["c"]
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ P["V"].T * (1 - h**2)
    G = {"W": X.T @ dh, "b": dh.sum(axis=0), "V": h.T @ d, "c": d.sum(axis=0)}
    for name in P:
        v[name] = lr * G[name] + mu * v[name]
        P[name] -= v[name]
print(loss)
""",
    """\
import numpy as np

class Perceptron:
    def __init__(self, rng, n_in, n_out):
        self.W = 0.3 * rng.normal(size=(n_in + 1, n_out))
        self.last = np.zeros_like(self.W)

    def train(self, X, T, rate, momentum):
        A = np.hstack([X, np.ones((len(X), 1))])
        self.y = 1 / (1 + np.exp(-A @ self.W))
        self.change = A.T @ ((T - self.y) * self.y * (1 - self.y))
        self.last = rate * self.change + momentum * self.last
        self.W += self.last
        return np.abs(T - self.y).sum()

rng = np.random.default_rng(76)
X = rng.normal(size=(12, 3))
T = np.column_stack([X[:, 0] > X[:, 1], X[:, 2] > 0.2]).astype(float)
net = Perceptron(rng, 3, 2)
for epoch in range(60):
    error = net.train(X, T, 0.1, 0.5)
print(error)
""",
    """\
import numpy as np

rng = np.random.default_rng(77)
X = rng.normal(size=(9, 2))
t = X @ np.array([[2.0], [-1.0]]) + 0.5
W, b = np.zeros((2, 1)), np.zeros(1)
vW, vb = np.zeros((2, 1)), np.zeros(1)
for step in range(80):
    y = X @ W + b
    loss = 0.5 * np.mean((y - t) ** 2)
    gW, gb = X.T @ (y - t) / len(X), np.mean(y - t, axis=0)
    vW, vb = 0.9 * vW - 0.05 * gW, 0.9 * vb - 0.05 * gb
    W, b = W + vW, b + vb
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(75)
X = rng.normal(size=(10, 2))
t = np.sin(X[:, :1]) * X[:, 1:]
P = {"W": rng.normal(size=(2, 5)), "b": 0.1 * rng.normal(size=5),
     "V": rng.normal(size=(5, 1)), "c": np.zeros(1)}
v = {name: np.zeros_like(value) for name, value in P.items()}
lr, mu = 0.05, 0.8
for step in range(80):
    h = np.tanh(X @ P["W"] + P["b"])
    y = h @ P["V"] + P["c"]
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ P["V"].T * (1 - h**2)
    G = {"W": X.T @ dh, "b": dh.sum(axis=0), "V": h.T @ d, "c": d.sum(axis=0)}
    for name in P:
        v[name] = lr * G[name] - mu * v[name]  # <- momentum-sign
        P[name] -= v[name]
print(loss)
""",
    """\
import numpy as np

class Perceptron:
    def __init__(self, rng, n_in, n_out):
        self.W = 0.3 * rng.normal(size=(n_in + 1, n_out))
        self.last = np.zeros_like(self.W)

    def train(self, X, T, rate, momentum):
        A = np.hstack([X, np.ones((len(X), 1))])
        self.y = 1 / (1 + np.exp(-A @ self.W))
        self.change = A.T @ ((T - self.y) * self.y * (1 - self.y))
        self.last = rate * self.change - momentum * self.last  # <- momentum-sign
        self.W += self.last
        return np.abs(T - self.y).sum()

rng = np.random.default_rng(76)
X = rng.normal(size=(12, 3))
T = np.column_stack([X[:, 0] > X[:, 1], X[:, 2] > 0.2]).astype(float)
net = Perceptron(rng, 3, 2)
for epoch in range(60):
    error = net.train(X, T, 0.1, 0.5)
print(error)
""",
)

RULE = Rule(
    code="BP505",
    slug="momentum-sign",
    title="momentum term has the wrong sign",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "momentum continues the previous step: Δ_t = −η g_t + μ Δ_{t−1}; here the previous step is taken back instead"
    ),
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
