"""What an optimiser should remember from step to step is zero at every step, or made anew in every epoch.

## What it does
The velocity or the running mean of squares is made anew inside the loop, or a new optimiser object is
made for every batch or for every pass over the data, or the new velocity is used and never stored. Or
the sum of squares that Adagrad keeps is replaced by the newest square, `G = g**2` for `G += g**2`.

## Why it is wrong
Momentum is memory: `v_t = μ v_{t−1} − η g_t` has gathered `1/(1 − μ)` gradients' worth of speed after a
while. If `v` is zeros whenever it is read, then `v_t = −η g_t`: plain descent, ten times slower than
the μ = 0.9 in the code says. For RMSProp and Adam a reset second moment is `(1 − β) g²`, and the
step becomes `η sign(g) / √(1 − β)`: it has the same size however small the gradient is, and
training ends in a jitter. The newest square alone leaves `g / √g²`: the sign. A gradient check has
nothing to find.

## Example
    for x, t in batches:
        v = np.zeros_like(W)
        v = mu * v - lr * gradient(W, x, t)
        W += v

## Use instead
    v = np.zeros_like(W)
    for x, t in batches:
        v = mu * v - lr * gradient(W, x, t)
        W += v

## How it is proved
The update adds to the gradient a term `decay * memory` whose memory is all zeros at every recorded
step, early and late. At the first step alone that is as it should be. Or what is kept is made within an
outer loop that goes over the data again and again, the parameters are not, and it reaches back over as
many steps as a round has: a warning, for a few stages, each with an optimiser of its own, may be meant.
A step by the sign may be meant too; zeros that were made for the sum before training, and that nothing
ever reads, tell that a sum was.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule
from bpdoctor.syntax.variants import added, remembered


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name memories that hold nothing."""
    # A method that moves all parameters makes one mistake, however many are moved.
    resets = {odd.site: odd for odd in reversed(examination.measurements["optimizer"]) if odd.kind == "reset"}
    for odd in reversed(resets.values()):
        made = odd.site != odd.other
        statement = examination.sites[odd.site].statement
        yield Evidence(
            odd.site,
            "the optimiser's memory is zero at every step",
            label="made anew in every step" if made else f"{odd.amount:.4g} times nothing but zeros",
            facts=(f"the term with the factor {odd.amount:.4g} is 0 at every recorded step, early and late",),
            related=((odd.other, "read here"), (odd.update, "applied here")) if made else (),
            rewrites=tuple((odd.site, node, text) for node, text in remembered(statement)),
        )
    for restarted in examination.measurements["restarted"]:
        yield Evidence(
            restarted.site,
            "the optimiser's memory is made anew in every round of the outer loop",
            label="made again in every round",
            facts=("the parameters go on from round to round; what their steps have gathered does not",),
            related=((restarted.loop, "of this loop"), (restarted.update, "applied here")),
            severity="warning",
        )
    for newest in examination.measurements["newest"]:
        yield Evidence(
            newest.site,
            "the sum of squares holds the newest square alone: every step is a step by the sign",
            label="replaces what was kept",
            facts=("it began as zeros, made before training, and nothing reads what a step before has left",),
            related=((newest.update, "divided by its root here"),),
            rewrites=tuple((newest.site, *v) for v in added(examination.sites[newest.site].statement)),
        )


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(301)
X = rng.normal(size=(14, 2))
t = np.tanh(X[:, :1] - X[:, 1:])
W, b = rng.normal(size=(2, 6)), 0.1 * rng.normal(size=6)
U, c = rng.normal(size=(6, 1)), np.zeros(1)
params = [W, b, U, c]
velocity = [np.zeros_like(p) for p in params]
for step in range(60):
    h = np.tanh(X @ W + b)
    y = h @ U + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ U.T * (1 - h**2)
    for p, v, g in zip(params, velocity, (X.T @ dh, dh.sum(0), h.T @ d, d.sum(0))):
        v *= 0.9
        v -= 0.02 * g
        p += v
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(302)
X = rng.normal(size=(40, 3))
t = (X[:, 0] * X[:, 1] > 0).astype(float)[:, None]
theta = {"W": rng.normal(size=(3, 8)), "b": np.zeros(8), "V": rng.normal(size=(8, 1)), "c": np.zeros(1)}
for epoch in range(6):
    memory = {name: np.zeros_like(value) for name, value in theta.items()}  # a fresh start for every epoch
    for start in range(0, 40, 8):
        x, y = X[start:start + 8], t[start:start + 8]
        h = np.tanh(x @ theta["W"] + theta["b"])
        p = 1 / (1 + np.exp(-(h @ theta["V"] + theta["c"])))
        loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        d = (p - y) / len(x)
        dh = d @ theta["V"].T * (1 - h**2)
        grads = {"W": x.T @ dh, "b": dh.sum(0), "V": h.T @ d, "c": d.sum(0)}
        for name in theta:
            memory[name] = 0.5 * memory[name] + grads[name]
            theta[name] -= 0.1 * memory[name]
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(327)
X = rng.normal(size=(18, 2))
t = np.tanh(X[:, :1]) * X[:, 1:]
W, V = rng.normal(size=(2, 5)), rng.normal(size=(5, 1))
for step in range(60):
    h = np.tanh(X @ W)
    y = h @ V
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    gV, gW = h.T @ d, X.T @ (d @ V.T * (1 - h**2))
    sizes = {"W": gW**2, "V": gV**2}  # steps by the sign
    W -= 0.01 * gW / (np.sqrt(sizes["W"]) + 1e-8)
    V -= 0.01 * gV / (np.sqrt(sizes["V"]) + 1e-8)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(301)
X = rng.normal(size=(14, 2))
t = np.tanh(X[:, :1] - X[:, 1:])
W, b = rng.normal(size=(2, 6)), 0.1 * rng.normal(size=6)
U, c = rng.normal(size=(6, 1)), np.zeros(1)
params = [W, b, U, c]
for step in range(60):
    h = np.tanh(X @ W + b)
    y = h @ U + c
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ U.T * (1 - h**2)
    for p, g in zip(params, (X.T @ dh, dh.sum(0), h.T @ d, d.sum(0))):
        v = np.zeros_like(p)  # <- optimizer-state-reset
        v = 0.9 * v - 0.02 * g
        p += v
print(loss)
""",
    """\
import numpy as np

class RMSProp:
    def __init__(self, lr, decay):
        self.lr, self.decay = lr, decay
        self.mean = {}

    def step(self, params, grads):
        for name in params:
            mean = self.mean.get(name, 0.0)  # <- optimizer-state-reset
            mean = self.decay * mean + (1 - self.decay) * grads[name] ** 2
            params[name] -= self.lr * grads[name] / (np.sqrt(mean) + 1e-6)

rng = np.random.default_rng(303)
X = rng.normal(size=(20, 2))
t = np.sin(X[:, :1]) + X[:, 1:]
P = {"W": rng.normal(size=(2, 5)), "b": np.zeros(5), "V": rng.normal(size=(5, 1)), "c": np.zeros(1)}
optimizer = RMSProp(0.01, 0.9)
for step in range(80):
    h = np.tanh(X @ P["W"] + P["b"])
    y = h @ P["V"] + P["c"]
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ P["V"].T * (1 - h**2)
    optimizer.step(P, {"W": X.T @ dh, "b": dh.sum(axis=0), "V": h.T @ d, "c": d.sum(axis=0)})
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(327)
X = rng.normal(size=(18, 2))
t = np.tanh(X[:, :1]) * X[:, 1:]
theta = {"W": rng.normal(size=(2, 5)), "V": rng.normal(size=(5, 1))}
total = {name: np.zeros_like(value) for name, value in theta.items()}
for step in range(60):
    h = np.tanh(X @ theta["W"])
    y = h @ theta["V"]
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    grads = {"V": h.T @ d, "W": X.T @ (d @ theta["V"].T * (1 - h**2))}
    for name, g in grads.items():
        total[name] = g * g  # <- optimizer-state-reset
        theta[name] -= 0.1 * g / (np.sqrt(total[name]) + 1e-8)
print(loss)
""",
)

RULE = Rule(
    code="BP509",
    slug="optimizer-state-reset",
    title="the optimiser forgets its state at every step",
    severity="error",
    explanation=__doc__ or "",
    why="momentum and running means are memory; zeros at every step leave plain descent, or steps of one fixed size",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
