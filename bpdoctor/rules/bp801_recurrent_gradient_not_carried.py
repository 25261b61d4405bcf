"""The backward pass through time forgets the error that comes back from the next time step.

## What it does
At each time step the error of the state is taken from that step's output only. `dh_next` is not
computed, not added, or reset to 0 inside the loop; or it is computed from `dh` in place of `dz`, so
that f' is missing from it.

## Why it is wrong
With `h_t = tanh(Wx x_t + Wh h_{t−1})` and outputs `y_t = V h_t`, the state acts now and later:
`∂L/∂h_t = Vᵀ ∂L/∂y_t + Whᵀ (∂L/∂h_{t+1} · f'(z_{t+1}))`. Without the second term the network is trained
as if each state had no consequences: it cannot learn to keep anything in memory, the one thing a
recurrent network is for. With sequences of length 1, or when only the last step has an output
and the test has one step, everything checks.

## Example
    for t in reversed(range(T)):
        dh = V.T @ dy[t]
        dz = dh * (1 - h[t] ** 2)

## Use instead
    for t in reversed(range(T)):
        dh = V.T @ dy[t] + dh_next
        dz = dh * (1 - h[t] ** 2)
        dh_next = Wh.T @ dz

## How it is proved
The reverse sweep with the link from `h_{t+1}` to `h_t` cut gives your gradients for the recurrent
layer, at several points; at the last time step, where there is no later state, your delta is right.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.autodiff.mistakes import along, kept
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """One way onwards forgotten, or one alone counted, where a value is used several times.

    From the last time step no way leads on in time: nothing comes back there, and all is right.
    """
    yield from along(local, ("time",), "the sum over all uses, the next time step's among them")
    n = len(local.uses)
    if local.role not in ("input", "activation") or not n or all(x.layer != "time" for x in local.links):
        return
    should = "the sum over all uses, the next time step's among them"
    for k in dict.fromkeys((0, 1, n - 2, n - 1)):
        value = kept(local, [j for j in range(n) if j != k or n == 1])
        alone = kept(local, [k]) if n > 2 else None
        for name in (f"use {k + 1}", "last use")[: 1 + (k == n - 1)]:
            if value is not None and k >= 0:
                yield Prediction(value, f"without {name}", f"what comes back without {name}", should, elsewhere=True)
            if alone is not None:
                yield Prediction(
                    alone, f"{name} alone", f"what comes back through {name} alone", should, elsewhere=True
                )


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(110)
xs = rng.normal(size=(6, 2))
ts = np.cumsum(xs[:, 0]) * 0.5 + xs[:, 1]
Wx, Wh = rng.normal(size=(4, 2)), 0.6 * rng.normal(size=(4, 4))
b, V, c = 0.1 * rng.normal(size=4), rng.normal(size=4), np.zeros(1)
for epoch in range(60):
    h = [0.1 * np.ones(4)]
    for x in xs:
        h.append(np.tanh(Wx @ x + Wh @ h[-1] + b))
    y = np.array([V @ s + c[0] for s in h[1:]])
    loss = 0.5 * np.sum((y - ts) ** 2)
    gWx, gWh, gb, gV, gc = 0 * Wx, 0 * Wh, 0 * b, 0 * V, 0 * c
    dh_next = np.zeros(4)
    for t in reversed(range(6)):
        e = y[t] - ts[t]
        gV += e * h[t + 1]
        gc += e
        dh = e * V + dh_next
        dz = dh * (1 - h[t + 1] ** 2)
        gWx += np.outer(dz, xs[t])
        gWh += np.outer(dz, h[t])
        gb += dz
        dh_next = Wh.T @ dz
    for p, g in ((Wx, gWx), (Wh, gWh), (b, gb), (V, gV), (c, gc)):
        p -= 0.02 * g
print(loss)
""",
    """\
import math
import random

class TinyRnn:
    def __init__(self):
        self.u, self.w, self.b = random.uniform(0.3, 1), random.uniform(0.3, 1), 0.1
        self.v, self.c = random.uniform(0.3, 1), 0.0

    def train(self, xs, ts, rate):
        h = [0.2]
        for x in xs:
            h.append(math.tanh(self.u * x + self.w * h[-1] + self.b))
        ys = [self.v * s + self.c for s in h[1:]]
        gu = gw = gb = gv = gc = later = 0.0
        for k in range(len(xs) - 1, -1, -1):
            err = ys[k] - ts[k]
            gv, gc = gv + err * h[k + 1], gc + err
            dz = (err * self.v + later) * (1 - h[k + 1] ** 2)
            gu, gw, gb = gu + dz * xs[k], gw + dz * h[k], gb + dz
            later = dz * self.w
        self.u, self.w, self.b = self.u - rate * gu, self.w - rate * gw, self.b - rate * gb
        self.v, self.c = self.v - rate * gv, self.c - rate * gc
        return 0.5 * sum((y - t) ** 2 for y, t in zip(ys, ts))

random.seed(11)
xs = [math.sin(0.9 * k) for k in range(7)]
ts = [0.8 * math.sin(0.9 * k - 0.9) + 0.1 for k in range(7)]
net = TinyRnn()
for epoch in range(80):
    loss = net.train(xs, ts, 0.05)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(110)
xs = rng.normal(size=(6, 2))
ts = np.cumsum(xs[:, 0]) * 0.5 + xs[:, 1]
Wx, Wh = rng.normal(size=(4, 2)), 0.6 * rng.normal(size=(4, 4))
b, V, c = 0.1 * rng.normal(size=4), rng.normal(size=4), np.zeros(1)
for epoch in range(60):
    h = [0.1 * np.ones(4)]
    for x in xs:
        h.append(np.tanh(Wx @ x + Wh @ h[-1] + b))
    y = np.array([V @ s + c[0] for s in h[1:]])
    loss = 0.5 * np.sum((y - ts) ** 2)
    gWx, gWh, gb, gV, gc = 0 * Wx, 0 * Wh, 0 * b, 0 * V, 0 * c
    dh_next = np.zeros(4)
    for t in reversed(range(6)):
        e = y[t] - ts[t]
        gV += e * h[t + 1]
        gc += e
        dh = e * V  # <- recurrent-gradient-not-carried
        dz = dh * (1 - h[t + 1] ** 2)
        gWx += np.outer(dz, xs[t])
        gWh += np.outer(dz, h[t])
        gb += dz
        dh_next = Wh.T @ dz
    for p, g in ((Wx, gWx), (Wh, gWh), (b, gb), (V, gV), (c, gc)):
        p -= 0.02 * g
print(loss)
""",
    """\
import math
import random

class TinyRnn:
    def __init__(self):
        self.u, self.w, self.b = random.uniform(0.3, 1), random.uniform(0.3, 1), 0.1
        self.v, self.c = random.uniform(0.3, 1), 0.0

    def train(self, xs, ts, rate):
        h = [0.2]
        for x in xs:
            h.append(math.tanh(self.u * x + self.w * h[-1] + self.b))
        ys = [self.v * s + self.c for s in h[1:]]
        gu = gw = gb = gv = gc = later = 0.0
        for k in range(len(xs) - 1, -1, -1):
            err = ys[k] - ts[k]
            gv, gc = gv + err * h[k + 1], gc + err
            dz = (err * self.v + later) * (1 - h[k + 1] ** 2)
            gu, gw, gb = gu + dz * xs[k], gw + dz * h[k], gb + dz
            later = 0.0  # <- recurrent-gradient-not-carried
        self.u, self.w, self.b = self.u - rate * gu, self.w - rate * gw, self.b - rate * gb
        self.v, self.c = self.v - rate * gv, self.c - rate * gc
        return 0.5 * sum((y - t) ** 2 for y, t in zip(ys, ts))

random.seed(11)
xs = [math.sin(0.9 * k) for k in range(7)]
ts = [0.8 * math.sin(0.9 * k - 0.9) + 0.1 for k in range(7)]
net = TinyRnn()
for epoch in range(80):
    loss = net.train(xs, ts, 0.05)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(38)
x = rng.normal(size=(7, 6, 1))
t = 0.3 * np.cumsum(x, axis=1)
n = 4
W, U = 0.6 * rng.normal(size=(1, 3 * n)), 0.4 * rng.normal(size=(n, 3 * n))
V = 0.5 * rng.normal(size=(n, 1))
for epoch in range(50):
    h, c, kept, hs = np.zeros((7, n)), np.zeros((7, n)), [], []
    for k in range(6):
        z = x[:, k] @ W + h @ U
        f, o, g = 1 / (1 + np.exp(-z[:, :n])), 1 / (1 + np.exp(-z[:, n : 2 * n])), np.tanh(z[:, 2 * n :])
        old = h, c
        c = f * c + (1 - f) * g
        s = np.tanh(c)
        h = o * s
        kept.append((k, *old, f, o, g, s))
        hs.append(h)
    y = np.stack(hs, axis=1) @ V
    loss = 0.5 * np.sum((y - t) ** 2) / 7
    d = (y - t) / 7
    gW, gU, gV = np.zeros_like(W), np.zeros_like(U), np.einsum("ksn,kso->no", np.stack(hs, axis=1), d)
    back = np.zeros((7, n))
    for k, before, state, f, o, g, s in reversed(kept):
        dh = d[:, k] @ V.T + back
        dc = dh * o * (1 - s**2)  # <- recurrent-gradient-not-carried
        dz = np.hstack([dc * (state - g) * f * (1 - f), dh * s * o * (1 - o), dc * (1 - f) * (1 - g**2)])
        gW += x[:, k].T @ dz
        gU += before.T @ dz
        back = dz @ U.T
    W, U, V = W - 0.05 * gW, U - 0.05 * gU, V - 0.05 * gV
print(loss)
""",
)

RULE = Rule(
    code="BP801",
    slug="recurrent-gradient-not-carried",
    title="error through time is not carried back as it should be",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "the state h_t feeds both the output at t and the next state: ∂L/∂h_t has two terms, and the one "
        "that comes back from h_{t+1} is left out or is not that"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
)
