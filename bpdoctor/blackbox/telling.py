"""The troubles in words, with the numbers that prove them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bpdoctor.blackbox.parameters import Leaf, Vector
from bpdoctor.blackbox.structure import Hypothesis
from bpdoctor.blackbox.trouble import Trouble

SHOWN = 5
LARGEST_DENOMINATOR = 100_000


def listed(leaves: Sequence[Leaf]) -> str:
    """Some names in backticks."""
    names = [f"`{leaf.name}`" for leaf in leaves]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def factor(value: float) -> str:
    """A factor as a person would write it: 16, 1/16, -1, 0.7312."""
    for number, form in ((value, "{}"), (1 / value if value else 0.0, "1/{}")):
        whole = round(number)
        if 1 <= abs(whole) <= LARGEST_DENOMINATOR and abs(number - whole) <= 1e-6 * abs(number):
            text = form.format(abs(whole)) if abs(whole) > 1 or form == "{}" else "1"
            return f"-{text}" if number < 0 else text
    return f"{value:.6g}"


def of_hypothesis(hypothesis: Hypothesis, c: float, leaves: Sequence[Leaf]) -> Trouble:
    """A known form that agrees with every slope that was measured."""
    names = tuple(leaf.name for leaf in leaves)
    proof = "agrees with three random directions, the third of which took no part in choosing it"
    if hypothesis.kind in ("scale", "bias"):
        return _scaled(hypothesis, 1 / c if c else np.inf, leaves, proof)
    if hypothesis.kind == "penalty":
        term = (
            f"{factor(c)} · {listed(leaves)}"
            if hypothesis.text == "parameter"
            else f"{factor(c)} · sign({listed(leaves)})"
        )
        text = f"the gradient of {listed(leaves)} lacks the term {term}"
        why = "the derivative of a penalty on the weights is missing, or has another factor or sign than in the loss"
        return Trouble("penalty", text, (proof,), why, names)
    if hypothesis.kind == "transposed":
        text = f"the gradient of {listed(leaves)} is transposed"
        return Trouble("transposed", text, (proof,), "for y = x @ W it is x.T @ g, not g.T @ x", names)
    return Trouble("wrong", f"the gradient of {listed(leaves[:1])} is {hypothesis.text}", (proof,), "", names)


def _scaled(hypothesis: Hypothesis, k: float, leaves: Sequence[Leaf], proof: str) -> Trouble:
    names = tuple(leaf.name for leaf in leaves)
    if not np.isfinite(k):
        text = f"the gradient of {listed(leaves)} is not 0 where the loss does not depend on it"
        return Trouble("wrong", text, (proof,), "", names)
    told = factor(k)
    if told == "-1":
        text = f"the gradient of {listed(leaves)} has the wrong sign"
        why = "it points down the loss: with the usual `W -= rate * dW` the loss grows"
        return Trouble("scale", text, (proof,), why, names, scale=-1.0)
    text = f"the gradient of {listed(leaves)} is {told} times the derivative of the loss"
    why = ""
    if k > 1 and told.isdigit():
        why = f"a division by {told} is missing: a mean in the loss, a sum in the gradient?"
    elif told.startswith("1/"):
        why = f"divided by {told[2:]} once too often: a sum in the loss, a mean in the gradient?"
    return Trouble(hypothesis.kind, text, (f"factor {k:.12g}", proof), why, names, scale=k)


def entries_wrong(leaf: Leaf, claimed: Vector, errors: Mapping[int, float]) -> Trouble:
    """Single entries: which, what is claimed, what is true."""
    worst = sorted(errors, key=lambda i: -abs(errors[i]))
    lines = [_entry(leaf, i, float(claimed[i]), float(claimed[i]) - errors[i]) for i in sorted(worst[:SHOWN])]
    if len(worst) > SHOWN:
        left = len(worst) - SHOWN
        lines.append(f"and {left} more {'entry' if left == 1 else 'entries'}")
    if leaf.size == 1:
        text = f"the gradient of `{leaf.name}` is wrong"
    elif len(errors) == 1:
        text = f"the gradient of `{leaf.name}` is wrong at {leaf.entry(worst[0])[len(leaf.name) :]}"
    else:
        text = f"the gradient of `{leaf.name}` is wrong at {len(errors)} of its {leaf.size} entries"
    why = "all other entries agree" if len(errors) < leaf.size else ""
    residual = float(np.linalg.norm(list(errors.values()))) / max(float(np.linalg.norm(claimed)), 1e-300)
    return Trouble("wrong", text, tuple(lines), why, (leaf.name,), residual=min(residual, 1.0))


def _entry(leaf: Leaf, position: int, claimed: float, true: float) -> str:
    ratio = f", {factor(claimed / true)} times" if true and abs(claimed / true) < 1e6 and claimed else ""
    return f"{leaf.entry(position)}: claimed {claimed:.9g}, true {true:.9g}{ratio}"


def line_wrong(leaf: Leaf, axis: int, place: int, part: Vector) -> Trouble:
    """A row or a column of a matrix."""
    what, index = ("row", f"[{place}]") if axis == 0 else ("column", f"[:, {place}]")
    text = f"the gradient of `{leaf.name}` is wrong in {what} {place}"
    evidence = [f"`{leaf.name}{index}` holds the whole error; the other {what}s agree"]
    if not part.any():
        evidence.append("its entries are all 0")
    return Trouble("wrong", text, tuple(evidence), "", (leaf.name,))


def dense(leaf: Leaf, relative: float, claimed: Vector) -> Trouble:
    """Many entries, in no form that is known."""
    text = f"the gradient of `{leaf.name}` is wrong"
    evidence = [f"off by about {relative:.2g} of its size; which entries could not be told"]
    if not claimed.any():
        text = f"the gradient of `{leaf.name}` is 0, but the loss depends on it"
        evidence = ["every entry that is claimed is 0"]
    elif leaf.size > 1 and np.ptp(claimed) <= 1e-12 * abs(claimed).max():
        evidence.append("all its entries are equal")
    return Trouble("wrong", text, tuple(evidence), "", (leaf.name,), residual=relative)
