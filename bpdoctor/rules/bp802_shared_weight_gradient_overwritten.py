"""A weight is used more than once in the forward pass, and its gradient keeps one use only.

## What it does
`dW = …` is executed once for every use (each time step, both ends of a tied autoencoder, both
branches of a siamese net), and the last assignment wins.

## Why it is wrong
By the chain rule a variable that enters in several places collects the sum over them:
`∂L/∂W = Σ_k (∂L/∂W)_k`. For a recurrent matrix `∂L/∂Wh = Σ_t δ_t h_{t−1}ᵀ`. Keeping one term follows
only the first time step, or the decoder alone. The deltas and all other gradients are right, so the
fault shows in one parameter, and the loss usually falls.

## Example
    for t in reversed(range(T)):
        dWh = np.outer(dz[t], h[t - 1])

## Use instead
    dWh = np.zeros_like(Wh)
    for t in reversed(range(T)):
        dWh += np.outer(dz[t], h[t - 1])

## How it is proved
The reverse sweep keeps the contribution of each use of the weight apart. Your gradient equals one
of them, the last that is written, to rounding error at several points, and the sum differs. When
the loop that overwrites runs over samples and not over uses, see `gradient-accumulation`.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.autodiff.mistakes import along, array, collapse, kept
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """The last or the first contribution alone, of a weight's products or of a bias's sums."""
    should = "the sum over all uses"
    yield from along(local, ("", "time", "skip"), should, ("overwritten", "overwritten in reverse"))
    if local.role == "weight" and len(local.uses) > 1:
        for k, name in ((0, "first"), (len(local.uses) - 1, "last")):
            value = kept(local, [k])
            if value is not None:
                yield Prediction(value, f"{name} use", f"the term of the {name} use alone", should)
    if local.role == "bias" and len(local.deltas) > 1:
        parts = [collapse(d, array(local.true).shape) for d in local.deltas]
        rest = array(local.true) - sum(parts)
        for k, name in ((0, "first"), (-1, "last")):
            if parts[k].shape == rest.shape:
                yield Prediction(rest + parts[k], f"{name} use", f"the term of the {name} use alone", should)


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(111)
xs = rng.normal(size=(5, 3))
ts = np.tanh(np.cumsum(xs[:, 0]))
Wx, Wh = 0.7 * rng.normal(size=(4, 3)), 0.6 * rng.normal(size=(4, 4))
b, V, c = 0.1 * rng.normal(size=4), rng.normal(size=4), np.zeros(1)
for epoch in range(60):
    h = [0.1 * np.ones(4)]
    for x in xs:
        h.append(np.tanh(Wx @ x + Wh @ h[-1] + b))
    y = np.array([V @ s + c[0] for s in h[1:]])
    loss = 0.5 * np.sum((y - ts) ** 2)
    gWx, gWh, gb, gV, gc = 0 * Wx, 0 * Wh, 0 * b, 0 * V, 0 * c
    back = np.zeros(4)
    for t in reversed(range(5)):
        e = y[t] - ts[t]
        gV += e * h[t + 1]
        gc += e
        dz = (e * V + back) * (1 - h[t + 1] ** 2)
        gWx += np.outer(dz, xs[t])
        gWh += np.outer(dz, h[t])
        gb += dz
        back = Wh.T @ dz
    for p, g in ((Wx, gWx), (Wh, gWh), (b, gb), (V, gV), (c, gc)):
        p -= 0.02 * g
print(loss)
""",
    """\
import numpy as np

class TiedAutoencoder:
    def __init__(self, n, m, rng):
        self.W, self.b, self.c = 0.6 * rng.normal(size=(n, m)), 0.1 * rng.normal(size=m), np.zeros(n)

    def train(self, x, lr):
        h = np.tanh(x @ self.W + self.b)
        y = h @ self.W.T + self.c
        d = (y - x) / len(x)
        dh = d @ self.W * (1 - h**2)
        dW = d.T @ h
        dW += x.T @ dh
        self.W -= lr * dW
        self.b -= lr * dh.sum(axis=0)
        self.c -= lr * d.sum(axis=0)
        return 0.5 * np.sum((y - x) ** 2) / len(x)

rng = np.random.default_rng(112)
x = 0.4 * rng.normal(size=(10, 2)) @ rng.normal(size=(2, 4)) + 0.2
ae = TiedAutoencoder(4, 2, rng)
for epoch in range(60):
    loss = ae.train(x, 0.1)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(111)
xs = rng.normal(size=(5, 3))
ts = np.tanh(np.cumsum(xs[:, 0]))
Wx, Wh = 0.7 * rng.normal(size=(4, 3)), 0.6 * rng.normal(size=(4, 4))
b, V, c = 0.1 * rng.normal(size=4), rng.normal(size=4), np.zeros(1)
for epoch in range(60):
    h = [0.1 * np.ones(4)]
    for x in xs:
        h.append(np.tanh(Wx @ x + Wh @ h[-1] + b))
    y = np.array([V @ s + c[0] for s in h[1:]])
    loss = 0.5 * np.sum((y - ts) ** 2)
    gWx, gWh, gb, gV, gc = 0 * Wx, 0 * Wh, 0 * b, 0 * V, 0 * c
    back = np.zeros(4)
    for t in reversed(range(5)):
        e = y[t] - ts[t]
        gV += e * h[t + 1]
        gc += e
        dz = (e * V + back) * (1 - h[t + 1] ** 2)
        gWx += np.outer(dz, xs[t])
        gWh = np.outer(dz, h[t])  # <- shared-weight-gradient-overwritten
        gb += dz
        back = Wh.T @ dz
    for p, g in ((Wx, gWx), (Wh, gWh), (b, gb), (V, gV), (c, gc)):
        p -= 0.02 * g
print(loss)
""",
    """\
import numpy as np

class TiedAutoencoder:
    def __init__(self, n, m, rng):
        self.W, self.b, self.c = 0.6 * rng.normal(size=(n, m)), 0.1 * rng.normal(size=m), np.zeros(n)

    def train(self, x, lr):
        h = np.tanh(x @ self.W + self.b)
        y = h @ self.W.T + self.c
        d = (y - x) / len(x)
        dh = d @ self.W * (1 - h**2)
        dW = d.T @ h
        dW = x.T @ dh  # <- shared-weight-gradient-overwritten
        self.W -= lr * dW
        self.b -= lr * dh.sum(axis=0)
        self.c -= lr * d.sum(axis=0)
        return 0.5 * np.sum((y - x) ** 2) / len(x)

rng = np.random.default_rng(112)
x = 0.4 * rng.normal(size=(10, 2)) @ rng.normal(size=(2, 4)) + 0.2
ae = TiedAutoencoder(4, 2, rng)
for epoch in range(60):
    loss = ae.train(x, 0.1)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(111)
xs = rng.normal(size=(5, 3))
ts = np.tanh(np.cumsum(xs[:, 0]))
Wx, Wh = 0.7 * rng.normal(size=(4, 3)), 0.6 * rng.normal(size=(4, 4))
b, V, c = 0.1 * rng.normal(size=4), rng.normal(size=4), np.zeros(1)
for epoch in range(60):
    h = [np.zeros(4)]
    for x in xs:
        h.append(np.tanh(Wx @ x + Wh @ h[-1] + b))
    y = np.array([V @ s + c[0] for s in h[1:]])
    loss = 0.5 * np.sum((y - ts) ** 2)
    gWx, gWh, gb, gV, gc = 0 * Wx, 0 * Wh, 0 * b, 0 * V, 0 * c
    back = np.zeros(4)
    for t in reversed(range(5)):
        e = y[t] - ts[t]
        gV += e * h[t + 1]
        gc += e
        dz = (e * V + back) * (1 - h[t + 1] ** 2)
        gWx += np.outer(dz, xs[t])
        gWh = np.outer(dz, h[t])  # <- shared-weight-gradient-overwritten
        gb += dz
        back = Wh.T @ dz
    for p, g in ((Wx, gWx), (Wh, gWh), (b, gb), (V, gV), (c, gc)):
        p -= 0.02 * g
print(loss)
""",
)

RULE = Rule(
    code="BP802",
    slug="shared-weight-gradient-overwritten",
    title="gradient of a shared weight is assigned where it must be added",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "a weight used several times collects one term per use: ∂L/∂W = Σ_uses ∂L/∂W|use; with = each use "
        "overwrites the one before"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
    place="kept",
    samples="gradient-accumulation",
)
