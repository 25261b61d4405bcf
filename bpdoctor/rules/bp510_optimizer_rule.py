"""The recurrence of an optimiser differs from the rule it is meant to be.

## What it does
The second moment gathers `g` where `g²` belongs, or divides without its square root; the running
mean lacks the factor `1 − β`; the bias correction uses the same `t` at every step, one that counts
parameters and not steps, has the β of the other running mean, or its result is stored back into its own.
Nesterov's step `(1 + μ) v − μ v_before` adds the velocity before where it should take it away.

## Why it is wrong
RMSProp and Adam divide the gradient by the root of the mean of its squares, so that a step does not
depend on the gradient's scale: `m ≈ g`, `√v ≈ |g|`, `m/√v ≈ ±1`. Without the root the step is
`1/|g|`: the smaller the gradient, the larger the step. Without the square `v` may be negative, and its
root NaN. The correction `1/(1 − β^t)` undoes the start from zeros and tends to 1; with `t = 1` for ever
it multiplies by `1/(1 − β)`, ten or a thousand; with another mean's β it corrects too much or too
little. Stored back, it is applied again at the next step to what already contains it. Nesterov's step looks
ahead, `−η g + μ v`; with the sign turned it is `2 μ v_before` longer than that. The gradients are right in
all of these.

## Example
    v = b2 * v + (1 - b2) * g
    W -= lr * m_hat / (v_hat + eps)

## Use instead
    v = b2 * v + (1 - b2) * g**2
    W -= lr * m_hat / (np.sqrt(v_hat) + eps)

## How it is proved
The stretch between gradient and new parameter is computed again for drawn gradients and kept values.
`kept' = a kept + b g + c g²` is fitted and leaves rounding error; the exponent with which the
step depends on the kept value is measured (−½ for the textbook rule); the `t` of each factor
`1 − β^t` is read off at successive steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.report import Severity
from bpdoctor.model.rule import Rule
from bpdoctor.syntax.variants import Variant, averaged, rebased, rooted, squared, taken_away


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name the recurrence and how it departs from the textbook."""
    for odd in examination.measurements["optimizer"]:
        words = _words(odd)
        if words is not None:
            changed = _variants(examination, odd)
            yield Evidence(
                odd.site,
                words[0],
                label=words[1],
                facts=(words[2],),
                related=((odd.update, "applied here"),) if odd.update != odd.site else (),
                severity=_MILD.get(odd.kind),
                rewrites=tuple((odd.site, node, text) for node, text in changed),
            )


# The first steps are shorter than they should be; in time it wears off.
_MILD: dict[str, Severity] = {"counted for each": "warning"}
_VARIANTS = {"no root": rooted, "not squared": squared, "sizes": squared, "gain": averaged, "looks back": taken_away}


def _variants(examination: Examination, odd: Any) -> Iterable[Variant]:
    site = examination.sites[odd.site]
    if odd.kind == "other decay":
        return rebased(site.node, examination.sites[odd.other].statement)
    return _VARIANTS[odd.kind](site.statement) if odd.kind in _VARIANTS else ()


def _words(odd: Any) -> tuple[str, str, str] | None:
    """Headline, label and proof."""
    match odd.kind:
        case "no root":
            return (
                "the mean of squares divides without its square root",
                "the smaller the gradient, the larger the step",
                "four times the kept mean of squares gives a quarter of the step; the textbook rule gives half",
            )
        case "not squared" | "sizes":
            gathered, sign = ("|g|", "") if odd.kind == "sizes" else ("g", ", with its sign")
            return (
                f"the running mean that divides the step gathers {gathered}, not g²",
                "the square of the gradient belongs here",
                f"computed again for drawn values: new = {odd.amount:.4g} · old + a multiple of {gathered}{sign}",
            )
        case "multiplied":
            return (
                "the mean of squares multiplies the step where it should divide it",
                "larger gradients make larger steps still",
                "four times the kept mean of squares gives a larger step",
            )
        case "gain":
            return (
                f"the running mean takes in {odd.amount:.4g} times what its bias correction assumes",
                "the new value should enter with 1 − β",
                "its weights add up to more than 1, and it is divided by 1 − β^t as a mean is",
            )
        case "looks back":
            return (
                "the step adds the velocity of the step before, which Nesterov's rule takes away",
                "(1 + μ) new − μ old belongs here",
                f"computed again for drawn values: it is a multiple of (1 + μ) new + μ old, μ = {odd.amount:.4g}",
            )
    return _of_the_correction(odd)


def _of_the_correction(odd: Any) -> tuple[str, str, str] | None:
    match odd.kind:
        case "fixed step":
            return (
                f"the bias correction uses t = {odd.amount:.0f} at every step",
                "t should count the steps",
                f"the factor is 1 − β^{odd.amount:.0f} at the first recorded steps and at the last",
            )
        case "counted for each":
            return (
                f"the bias correction counts parameters, not steps: t goes up by {odd.amount:.0f} at every step",
                "t should count the steps",
                "the parameters of one step are corrected by different powers of β",
            )
        case "other decay":
            return (
                f"a running mean of decay {odd.amount:.4g} is corrected with the decay of the other",
                "its own decay belongs here",
                f"the factor is 1 − β^t with t rising and another β than {odd.amount:.4g}",
            )
        case "stored back":
            return (
                "the bias correction is stored back into the running mean",
                "the corrected value is what the next step starts from",
                f"what is kept is (β kept + (1 − β) g)/(1 − β^t) with β = {odd.amount:.4g} and t rising",
            )
    return None


VALID = (
    """\
import numpy as np

class Adam:
    def __init__(self, lr=0.02, b1=0.9, b2=0.99):
        self.lr, self.b1, self.b2, self.t, self.m, self.v = lr, b1, b2, 0, {}, {}

    def update(self, params, grads):
        self.t += 1
        for k, g in grads.items():
            self.m[k] = self.b1 * self.m.get(k, np.zeros_like(g)) + (1 - self.b1) * g
            self.v[k] = self.b2 * self.v.get(k, np.zeros_like(g)) + (1 - self.b2) * g**2
            m = self.m[k] / (1 - self.b1**self.t)
            v = self.v[k] / (1 - self.b2**self.t)
            params[k] = params[k] - self.lr * m / (np.sqrt(v) + 1e-8)

rng = np.random.default_rng(304)
x = rng.normal(size=(16, 2))
t = x[:, :1] * x[:, 1:]
P = {"W": rng.normal(size=(2, 6)), "b": np.zeros(6), "V": rng.normal(size=(6, 1)), "c": np.zeros(1)}
adam = Adam()
for step in range(60):
    h = np.tanh(x @ P["W"] + P["b"])
    y = h @ P["V"] + P["c"]
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(x)
    dh = d @ P["V"].T * (1 - h**2)
    adam.update(P, {"W": x.T @ dh, "b": dh.sum(0), "V": h.T @ d, "c": d.sum(0)})
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(305)
X = rng.normal(size=(18, 3))
T = np.eye(3)[np.argmax(X + 0.3 * rng.normal(size=(18, 3)), axis=1)]
W, b = 0.1 * rng.normal(size=(3, 3)), np.zeros(3)
sW, sb = np.zeros_like(W), np.zeros_like(b)
for epoch in range(60):
    z = X @ W + b
    e = np.exp(z - z.max(axis=1, keepdims=True))
    s = e / e.sum(axis=1, keepdims=True)
    loss = -np.sum(T * np.log(s)) / len(X)
    d = (s - T) / len(X)
    gW, gb = X.T @ d, d.sum(axis=0)
    sW += gW * gW  # Adagrad sums, and never forgets
    sb += gb * gb
    W -= 0.1 * gW / (np.sqrt(sW) + 1e-8)
    b -= 0.1 * gb / (np.sqrt(sb) + 1e-8)
print(loss)
""",
    """\
import numpy as np

rng = np.random.default_rng(328)
X = rng.normal(size=(16, 2))
t = X[:, :1] * X[:, 1:]
P = {"W": rng.normal(size=(2, 6)), "b": np.zeros(6), "V": rng.normal(size=(6, 1)), "c": np.zeros(1)}
velocity, mu = dict.fromkeys(P, 0.0), 0.9
for step in range(60):
    h = np.tanh(X @ P["W"] + P["b"])
    y = h @ P["V"] + P["c"]
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ P["V"].T * (1 - h**2)
    for k, g in {"W": X.T @ dh, "b": dh.sum(0), "V": h.T @ d, "c": d.sum(0)}.items():
        old = velocity[k]
        velocity[k] = mu * old - 0.01 * g
        P[k] += (1 + mu) * velocity[k] - mu * old
print(loss)
""",
)

_MEANS = "    sW = 0.9 * sW + 0.1 * gW**2\n    sb = 0.9 * sb + 0.1 * gb**2\n"

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(306)
x = rng.normal(size=(16, 2))
y = x[:, :1] * x[:, 1:] + x[:, :1]
P = {"W": rng.normal(size=(2, 6)), "b": np.zeros(6), "V": rng.normal(size=(6, 1)), "c": np.zeros(1)}
state = {k: [np.zeros_like(p), np.zeros_like(p)] for k, p in P.items()}
beta1, beta2 = 0.9, 0.999
for t in range(1, 61):
    h = np.tanh(x @ P["W"] + P["b"])
    out = h @ P["V"] + P["c"]
    loss = np.mean((out - y) ** 2)
    d = 2 * (out - y) / len(x)
    dh = d @ P["V"].T * (1 - h**2)
    for k, g in {"W": x.T @ dh, "b": dh.sum(0), "V": h.T @ d, "c": d.sum(0)}.items():
        m, v = state[k]
        m[:] = beta1 * m + (1 - beta1) * g
        v[:] = beta2 * v + (1 - beta2) * g**2
        first = m / (1 - beta1**t)
        second = v / (1 - beta1**t)  # <- optimizer-rule
        P[k] -= 0.01 * first / (np.sqrt(second) + 1e-8)
print(loss)
""",
    VALID[0]
    .replace(
        "            m = self.m[k] / (1 - self.b1**self.t)\n",
        "            self.m[k] = self.m[k] / (1 - self.b1**self.t)  # <- optimizer-rule\n",
    )
    .replace("self.lr * m /", "self.lr * self.m[k] /"),
    """\
import numpy as np

rng = np.random.default_rng(305)
X = rng.normal(size=(18, 3))
T = np.eye(3)[np.argmax(X + 0.3 * rng.normal(size=(18, 3)), axis=1)]
W, b = 0.1 * rng.normal(size=(3, 3)), np.zeros(3)
sW, sb = np.zeros_like(W), np.zeros_like(b)
for epoch in range(60):
    z = X @ W + b
    e = np.exp(z - z.max(axis=1, keepdims=True))
    s = e / e.sum(axis=1, keepdims=True)
    loss = -np.sum(T * np.log(s)) / len(X)
    d = (s - T) / len(X)
    gW, gb = X.T @ d, d.sum(axis=0)
    sW = 0.9 * sW + 0.1 * gW * gW
    sb = 0.9 * sb + 0.1 * gb * gb
    W -= 0.001 * gW / (sW + 1e-3)  # <- optimizer-rule
    b -= 0.001 * gb / (np.sqrt(sb) + 1e-3)
print(loss)
""",
    VALID[0].replace(
        "        self.t += 1\n        for k, g in grads.items():\n",
        "        for k, g in grads.items():\n            self.t += 1  # <- optimizer-rule\n",
    ),
    VALID[2].replace("velocity[k] - mu * old", "velocity[k] + mu * old  # <- optimizer-rule"),
    VALID[1]
    .replace("sW, sb = np.zeros_like(W), np.zeros_like(b)", "sW = sb = 0.0")
    .replace("    sW += gW * gW  # Adagrad sums, and never forgets\n    sb += gb * gb\n", _MEANS)
    .replace("gb / (np.sqrt(sb) + 1e-8)", "gb / (sb + 1e-2)  # <- optimizer-rule"),
    VALID[0]
    .replace("self.t, self.m, self.v = lr, b1, b2, 0,", "self.t, self.m, self.v = lr, b1, b2, 8,")
    .replace("        self.t += 1\n", "")
    .replace(
        "            m = self.m[k] / (1 - self.b1**self.t)\n",
        "            m = self.m[k] / (1 - self.b1**self.t)  # <- optimizer-rule\n",
    ),
)

RULE = Rule(
    code="BP510",
    slug="optimizer-rule",
    title="update rule of the optimiser is not the textbook's",
    severity="error",
    explanation=__doc__ or "",
    why="m ≈ g and √v ≈ |g| make steps of a size that does not depend on the gradient's scale; this rule does not",
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
