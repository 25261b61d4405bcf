"""The error enters a gate of a recurrent cell without the derivative of the gate's activation.

## What it does
In an LSTM or a GRU a gate `i = σ(z)` is multiplied with another value of the cell. On the way back the error with
respect to `i` is used as the error with respect to `z`, or it is multiplied with the activation itself where its
derivative belongs.

## Why it is wrong
`∂L/∂z = ∂L/∂i · i (1 − i)` for each gate, and `∂L/∂g · (1 − g²)` for the candidate. The other gates of the cell
are right, the gradient with respect to the last hidden state is too, and the loss usually falls: the weights of one
gate learn from an error that is four times too large and does not vanish where the gate is saturated. As the wrong
error goes back to `h_{t−1}`, all earlier time steps are wrong in consequence.

## Example
    di = dc * g
    dz_i = di

## Use instead
    dz_i = di * i * (1 - i)

## How it is proved
A value is a gate when another computed value is multiplied with its activation, entry by entry. The reverse sweep is
repeated with the derivative of this gate replaced by 1, or by the activation; the result must equal your value to
rounding error in all time steps and at several points. Where one matrix holds all gates, each is tried alone.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bpdoctor.autodiff.activations import Activation
from bpdoctor.autodiff.mistakes import Array, array, elementwise, steps_into
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """The error at the gate with 1, or with the activation, where the derivative belongs."""
    f = elementwise(local)
    if f is None or local.upstream is None or not local.gates or not steps_into(local):
        return
    z, a = array(local.value), array(local.after)
    right, should = f.derivative(z), f"the gate's error · f'(z) of {f.name}"
    some = [("", np.logical_or.reduce(local.gates))]
    some += [(f" at gate {k + 1}", gate) for k, gate in enumerate(local.gates) if len(local.gates) > 1]
    for ending, gate in some:
        for text, factor in _factors(f, z, a):
            mixed = np.where(gate, factor, right)
            yield Prediction(array(local.upstream) * mixed, f"{text}{ending}", f"the gate's error · {text}", should)


def _factors(f: Activation, z: Array, a: Array) -> Iterable[tuple[str, Array]]:
    """What is written in the place of f'(z): nothing, or a call of the function itself."""
    yield "1", np.ones_like(z)
    if f.name in ("sigmoid", "tanh"):
        yield "f(z)", a
        yield "f(f(z))", f.function(a)


_CELL = """\
import numpy as np

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

rng = np.random.default_rng(308)
xs = rng.normal(size=(5, 6, 2))
t = np.tanh(xs[..., :1].sum(axis=0) - xs[2, :, 1:])
W = {name: 0.5 * rng.normal(size=(6, 4)) for name in "ifog"}
V = rng.normal(size=(4, 1))
for epoch in range(40):
    h, c, held = np.zeros((6, 4)), np.zeros((6, 4)), []
    for x in xs:
        u = np.concatenate([x, h], axis=1)
        i, f, o = sigmoid(u @ W["i"]), sigmoid(u @ W["f"] + 1), sigmoid(u @ W["o"])
        g = np.tanh(u @ W["g"])
        held.append((u, i, f, o, g, c))
        c = f * c + i * g
        held[-1] += (np.tanh(c),)
        h = o * np.tanh(c)
    y = h @ V
    loss = np.mean((y - t) ** 2)
    dy = 2 * (y - t) / len(t)
    grads = {name: np.zeros_like(w) for name, w in W.items()}
    dV, dh, dc = h.T @ dy, dy @ V.T, 0.0
    for u, i, f, o, g, before, s in reversed(held):
        dc = dc + dh * o * (1 - s**2)
        dz = {
            "i": dc * g * i * (1 - i),
            "f": dc * before * f * (1 - f),
            "o": dh * s * o * (1 - o),
            "g": dc * i * (1 - g**2),
        }
        for name in W:
            grads[name] += u.T @ dz[name]
        dh = sum(dz[name] @ W[name].T for name in W)[:, 2:]
        dc = dc * f
    V -= 0.1 * dV
    for name in W:
        W[name] -= 0.1 * grads[name]
print(loss)
"""

_GRU = """\
import numpy as np

class Gru:
    def __init__(self, rng):
        self.Wz, self.Wr, self.Wn = (0.6 * rng.normal(size=(3, 5)) for _ in range(3))
        self.v = rng.normal(size=3)

    def forward(self, xs):
        h, self.seen = np.zeros(3), []
        for x in xs:
            u = np.concatenate([x, h])
            z, r = 1 / (1 + np.exp(-(self.Wz @ u))), 1 / (1 + np.exp(-(self.Wr @ u)))
            w = np.concatenate([x, r * h])
            n = np.tanh(self.Wn @ w)
            self.seen.append((u, w, z, r, n, h))
            h = z * h + (1 - z) * n
        self.h = h
        return self.v @ h

    def backward(self, error):
        gz, gr, gn = np.zeros_like(self.Wz), np.zeros_like(self.Wr), np.zeros_like(self.Wn)
        gv, dh = error * self.h, error * self.v
        for u, w, z, r, n, h in self.seen[::-1]:
            an = dh * (1 - z) * (1 - n**2)
            az = dh * (h - n) * z * (1 - z)
            dw = self.Wn.T @ an
            ar = dw[2:] * h * r * (1 - r)
            gz += np.outer(az, u)
            gr += np.outer(ar, u)
            gn += np.outer(an, w)
            dh = dh * z + dw[2:] * r + (self.Wz.T @ az + self.Wr.T @ ar)[2:]
        return gz, gr, gn, gv

rng = np.random.default_rng(309)
net = Gru(rng)
data = rng.normal(size=(8, 4, 2))
for epoch in range(30):
    for xs in data:
        y = net.forward(xs)
        error = y - xs[0, 0] * xs[-1, 1]
        loss = 0.5 * error**2
        for p, g in zip((net.Wz, net.Wr, net.Wn, net.v), net.backward(error)):
            p -= 0.05 * g
print(loss)
"""

_GATED = """\
import numpy as np

rng = np.random.default_rng(310)
X = rng.normal(size=(14, 3))
t = X[:, :1] * X[:, 1:2] + 0.3
A, G, V = rng.normal(size=(3, 4)), rng.normal(size=(3, 4)), rng.normal(size=(4, 1))
for step in range(60):
    a = X @ A  # the linear branch has no activation, and its error no factor
    g = 1 / (1 + np.exp(-(X @ G)))
    y = (a * g) @ V
    loss = 0.5 * np.mean((y - t) ** 2)
    d = (y - t) / len(X)
    u = d @ V.T
    dV, dA, dG = (a * g).T @ d, X.T @ (u * g), X.T @ (u * a * g * (1 - g))
    V, A, G = V - 0.2 * dV, A - 0.2 * dA, G - 0.2 * dG
print(loss)
"""

VALID = (_CELL, _GRU, _GATED)

INVALID = (
    _CELL.replace("dc * g * i * (1 - i),", "dc * g,  # <- gate-derivative-missing"),
    _CELL.replace("dc * before * f * (1 - f),", "dc * before * f,  # <- gate-derivative-missing"),
    _GRU.replace("dw[2:] * h * r * (1 - r)", "dw[2:] * h  # <- gate-derivative-missing"),
)

RULE = Rule(
    code="BP308",
    slug="gate-derivative-missing",
    title="a gate's error is passed on without the derivative of the gate's activation",
    severity="error",
    explanation=__doc__ or "",
    why="i = σ(z) gates another value; the error at i becomes that at z only by the factor i (1 − i)",
    predict=predict,
    valid=VALID,
    invalid=INVALID,
    unit=True,
    place="handed on",
)
