"""The factor that stands for f'(z) is not the derivative of the activation used forward.

## What it does
The backward pass multiplies by the derivative of a different activation (tanh's in a logistic
layer, one layer's for all), by the activation itself, or by a formula with a slip, such as
`1 - a` for `1 - a**2`.

## Why it is wrong
The chain rule needs the derivative of the very function that was applied:
logistic `a(1 − a)`, tanh `1 − a²`, ReLU `[z > 0]`, softplus `σ(z)`, leaky ReLU 1 or α.
Most wrong forms have the right sign nearly everywhere, so that training proceeds and even ends
well on an easy problem; the gradients of this layer and of those below it are wrong all the same.
The usual origin is a change of the activation in one place only.

## Example
    h = np.tanh(x @ W1)
    d1 = (d2 @ W2.T) * h * (1 - h)

## Use instead
    d1 = (d2 @ W2.T) * (1 - h**2)

## How it is proved
Divide the delta that the code computes by the error that reaches the layer: the quotient is the
derivative that was implied. It is compared elementwise with a library of closed forms. The right
form fails, another agrees to rounding error, and the runner-up is far away, so the report can
name what was written. Common to all points tried; units at a kink are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np

from bpdoctor.autodiff.activations import FIXED, Activation, sigmoid
from bpdoctor.autodiff.mistakes import (
    PIECEWISE,
    Factor,
    array,
    at,
    elementwise,
    fused,
    on_points,
    same_as_any,
    steps_into,
)
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule

TWICE = "f'(z) ** 2"
SLIPS: tuple[tuple[str, Factor], ...] = (
    ("a", lambda z, a: a),
    ("z", lambda z, a: z),
    ("-a", lambda z, a: -a),
    ("1 - a", lambda z, a: 1 - a),
    ("a - 1", lambda z, a: a - 1),
    ("1 + a", lambda z, a: 1 + a),
    ("1 - z", lambda z, a: 1 - z),
    ("1 - 2 * a", lambda z, a: 1 - 2 * a),
    ("1 + a ** 2", lambda z, a: 1 + a**2),
    ("a ** 2", lambda z, a: a**2),
    ("a ** 2 - 1", lambda z, a: a**2 - 1),
    ("z ** 2", lambda z, a: z**2),
    ("2 * a", lambda z, a: 2 * a),
    ("2 * z", lambda z, a: 2 * z),
    ("a * (1 + a)", lambda z, a: a * (1 + a)),
    ("a * (a - 1)", lambda z, a: a * (a - 1)),
    ("a * (1 - a ** 2)", lambda z, a: a * (1 - a**2)),
    ("a * (1 - a) ** 2", lambda z, a: a * (1 - a) ** 2),
    ("(1 - a) ** 2", lambda z, a: (1 - a) ** 2),
    ("a * (1 - z)", lambda z, a: a * (1 - z)),
    ("z * (1 - a)", lambda z, a: z * (1 - a)),
    ("z * a", lambda z, a: z * a),
    ("np.sqrt(np.abs(1 - a ** 2))", lambda z, a: np.sqrt(np.abs(1 - a**2))),
    ("1 / (1 + a ** 2)", lambda z, a: 1 / (1 + a**2)),
    ("1 - np.tanh(z)", lambda z, a: 1 - np.tanh(z)),
    ("np.maximum(z, 0)", lambda z, a: np.maximum(z, 0)),
    ("z > 0", lambda z, a: (z > 0) * 1.0),
    ("a > 0", lambda z, a: (a > 0) * 1.0),
    ("z >= 0", lambda z, a: (z >= 0) * 1.0),
    ("a >= 0", lambda z, a: (a >= 0) * 1.0),
    ("z < 0", lambda z, a: (z < 0) * 1.0),
    ("a > 0.5", lambda z, a: (a > 0.5) * 1.0),
    ("np.sign(z)", lambda z, a: np.sign(z)),
    ("np.exp(-z)", lambda z, a: np.exp(-z)),
    ("np.exp(-z) / (1 + np.exp(-z))", lambda z, a: sigmoid(-z)),
    ("sigmoid(z)", lambda z, a: sigmoid(z)),
    ("np.tanh(z)", lambda z, a: np.tanh(z)),
)


def _of_others() -> Iterator[tuple[str, Factor]]:
    """Derivatives of all known functions, in either variable and with either in its place."""
    for f in FIXED:
        yield f"{f.name}'(z)", at(f.derivative, output=False)
        yield f"{f.name}'(a)", at(f.derivative, output=True)
        if f.from_output is not None:
            yield f.post, at(f.from_output, output=True)
            yield re.sub(r"\ba\b", "z", f.post), at(f.from_output, output=False)


def _of_itself(f: Activation) -> Iterator[tuple[str, Factor]]:
    """The right derivative with a slip: its sign, applied twice, its root, its inverse, its complement."""
    d = f.derivative
    yield "-f'(z)", lambda z, a: -d(z)
    yield TWICE, lambda z, a: d(z) ** 2
    yield "1 - f'(z)", lambda z, a: 1 - d(z)
    yield "1 / f'(z)", lambda z, a: 1 / d(z)
    yield "1 + f'(z)", lambda z, a: 1 + d(z)
    if f.name == "elu":
        yield "1 + f'(z) below zero", lambda z, a: np.where(z > 0, 1.0, 1 + d(z))
    yield "np.sqrt(f'(z))", lambda z, a: np.sqrt(np.abs(d(z)))
    yield "f'(-z)", lambda z, a: d(-z)
    yield "f(f(z))", lambda z, a: f.function(a)
    yield "f'(f(f(z)))", lambda z, a: d(f.function(a))


def _right_or_named_elsewhere(f: Activation | None) -> Iterator[Factor]:
    """f'(z), and wrong factors of other rules: f'(a), the a form at z, none, a ReLU mask for a leaky one."""
    yield lambda z, a: 1.0 + 0 * z
    if f is None:
        yield from (lambda z, a: a, lambda z, a: a * (1 - a))
        return
    d, post = f.derivative, f.from_output
    yield from (lambda z, a: d(z), lambda z, a: d(a))
    if post is not None:
        yield lambda z, a: post(z)
    if f.name in PIECEWISE:
        yield lambda z, a: (z > 0) * 1.0


@lru_cache(maxsize=64)
def _wrong_factors(f: Activation | None) -> tuple[tuple[str, Factor], ...]:
    """Factors that differ from f' and from each other as functions, by their formulas."""
    excluded = np.array([on_points(factor, f) for factor in _right_or_named_elsewhere(f)])
    out = []
    for text, factor in (*SLIPS, *_of_others(), *(_of_itself(f) if f is not None else ())):
        values = on_points(factor, f)
        if not values.any() or same_as_any(values, excluded):
            continue
        excluded = np.vstack([excluded, values])
        out.append((text, factor))
    return tuple(out)


def predict(local: Local) -> Iterable[Prediction]:
    """Every other factor that people write in the place of f'(z)."""
    if not steps_into(local):
        return
    z, a, f = array(local.value), array(local.after), elementwise(local)
    right = f"f'(z) of {f.name}" if f is not None else "f'(z)"
    for which, slope in local.slopes.items():
        note = f"∂L/∂a · f'(z) of another layer's z, of {which}"
        yield Prediction(local.upstream * slope, f"of {which}", note, "f'(z) of this layer's own z")
    cancelled = fused(local)
    for text, factor in _wrong_factors(f):
        if not (cancelled and text == TWICE):
            with np.errstate(all="ignore"):
                yield Prediction(local.upstream * factor(z, a), text, f"∂L/∂a · {text}", right)


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(8)
X = rng.normal(size=(9, 3))
t = (X.sum(axis=1, keepdims=True) > 0.2).astype(float)
W1, b1 = rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
lr = 0.2
for it in range(80):
    h = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d2 = (p - t) / len(X)
    d1 = (d2 @ W2.T) * (1 - h * h)
    W2 -= lr * h.T @ d2
    b2 -= lr * d2.sum(axis=0)
    W1 -= lr * X.T @ d1
    b1 -= lr * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class ReluNet:
    def __init__(self, rng):
        self.p = {"W1": rng.normal(size=(3, 6)), "b1": 0.1 * rng.normal(size=6),
                  "W2": rng.normal(size=(6, 2)) / 2, "b2": np.zeros(2)}

    def gradients(self, x, t):
        z = x @ self.p["W1"] + self.p["b1"]
        a = np.maximum(z, 0)
        y = a @ self.p["W2"] + self.p["b2"]
        dy = 2 * (y - t) / len(x)
        dz = dy @ self.p["W2"].T * (z > 0)
        grads = {"W1": x.T @ dz, "b1": dz.sum(0), "W2": a.T @ dy, "b2": dy.sum(0)}
        return np.sum((y - t) ** 2) / len(x), grads

rng = np.random.default_rng(9)
x = rng.normal(size=(12, 3))
t = np.column_stack([x[:, 0] * x[:, 1], np.cos(x[:, 2])])
net = ReluNet(rng)
for step in range(60):
    loss, grads = net.gradients(x, t)
    for name in net.p:
        net.p[name] -= 0.05 * grads[name]
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(5)
X = rng.normal(size=(10, 2))
t = np.maximum(X[:, :1], X[:, 1:]) - 0.4
W1, b1 = rng.normal(size=(2, 6)), 0.2 * rng.normal(size=6)
W2, b2 = rng.normal(size=(6, 1)), np.zeros(1)
for it in range(80):
    a = np.maximum(0, X @ W1 + b1)
    y = a @ W2 + b2
    loss = np.mean((y - t) ** 2)
    g2 = 2 * (y - t) / len(X)
    g1 = g2 @ W2.T * np.sign(a)
    W2 -= 0.1 * a.T @ g2
    b2 -= 0.1 * g2.sum(axis=0)
    W1 -= 0.1 * X.T @ g1
    b1 -= 0.1 * g1.sum(axis=0)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(8)
X = rng.normal(size=(9, 3))
t = (X.sum(axis=1, keepdims=True) > 0.2).astype(float)
W1, b1 = rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
lr = 0.2
for it in range(80):
    h = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    d2 = (p - t) / len(X)
    d1 = (d2 @ W2.T) * h * (1 - h)  # <- wrong-activation-derivative
    W2 -= lr * h.T @ d2
    b2 -= lr * d2.sum(axis=0)
    W1 -= lr * X.T @ d1
    b1 -= lr * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class ReluNet:
    def __init__(self, rng):
        self.p = {"W1": rng.normal(size=(3, 6)), "b1": 0.1 * rng.normal(size=6),
                  "W2": rng.normal(size=(6, 2)) / 2, "b2": np.zeros(2)}

    def gradients(self, x, t):
        z = x @ self.p["W1"] + self.p["b1"]
        a = np.maximum(z, 0)
        y = a @ self.p["W2"] + self.p["b2"]
        dy = 2 * (y - t) / len(x)
        dz = dy @ self.p["W2"].T * np.maximum(z, 0)  # <- wrong-activation-derivative
        grads = {"W1": x.T @ dz, "b1": dz.sum(0), "W2": a.T @ dy, "b2": dy.sum(0)}
        return np.sum((y - t) ** 2) / len(x), grads

rng = np.random.default_rng(9)
x = rng.normal(size=(12, 3))
t = np.column_stack([x[:, 0] * x[:, 1], np.cos(x[:, 2])])
net = ReluNet(rng)
for step in range(60):
    loss, grads = net.gradients(x, t)
    for name in net.p:
        net.p[name] -= 0.05 * grads[name]
print(loss)
""",
)

RULE = Rule(
    code="BP304",
    slug="wrong-activation-derivative",
    title="derivative of another function than the activation",
    severity="error",
    explanation=__doc__ or "",
    why="the factor must be the derivative of what the forward pass applies; here it is another's, or has a slip in it",
    predict=predict,
    valid=VALID,
    invalid=INVALID,
    unit=True,
    place="formula",
    layers=("activation",),
)
