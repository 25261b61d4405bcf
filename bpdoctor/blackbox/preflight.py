"""Before any number is compared: determinism, mutation, shapes, dtypes, NaN. None of these is a wrong gradient."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bpdoctor.blackbox.parameters import Array, Leaf, Missing, Vector
from bpdoctor.blackbox.sides import Sides
from bpdoctor.blackbox.trouble import Stopped, Trouble

WOBBLE = 1e4
"""Differences between two equal calls up to this many roundings are the order of summation in threads."""


@dataclass(slots=True)
class Flight:
    """What is known before the comparison; `claimed` are the parts of the vector `gradient`."""

    value: Any
    wobble: float
    gradient: Vector
    claimed: list[Array]
    troubles: list[Trouble] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)

    @property
    def mutates(self) -> bool:
        """Whether the functions change what they are given."""
        return any(t.kind == "mutation" for t in self.troubles)


def preflight(sides: Sides) -> Flight:
    """Evaluate both sides twice at the user's own parameters and dtype.

    Raises
    ------
    Stopped
        Where nothing can be compared.
    """
    troubles: list[Trouble] = []
    packed = sides.layout.arrays(sides.start, own=True)
    first = sides.value_of(sides.layout.build(packed))
    troubles += _mutated(sides, packed, "loss")
    finite(first)
    # What was handed over and came back unchanged may be handed over again.
    packed = packed if not troubles else sides.layout.arrays(sides.start, own=True)
    claimed, odd = shaped(sides, sides.gradient_of(sides.layout.build(packed)))
    gradient = flat(claimed)
    troubles += odd + _mutated(sides, packed, "grad")
    mutated = any(t.kind == "mutation" for t in troubles)
    again = sides.value(sides.start, wide=False) if mutated else sides.value_of(sides.layout.build(packed))
    wobble = _repeatable_loss(float(first.real), float(again.real), sides)
    flight = Flight(first.real, wobble, gradient, sides.layout.arrays(gradient, own=False), troubles)
    if sides.repeatable:
        _repeatable_gradient(sides, flight, None if mutated else packed)
    _changed_data(sides, flight)
    return flight


def _mutated(sides: Sides, packed: list[Array], side: Any) -> list[Trouble]:
    """Compare what was handed over with what came back."""
    found = []
    before = sides.layout.arrays(sides.start, own=False)
    for leaf, after, start in zip(sides.layout.leaves, packed, before, strict=True):
        saved = start.astype(leaf.dtype, copy=False)
        if not same(after, saved):
            what = "loss" if side == "loss" else "gradient"
            text = f"`{leaf.name}` is changed in place by the {what} function"
            step = float(np.max(np.abs(after - saved)))
            why = "whoever calls it finds other parameters than before; work on a copy"
            found.append(Trouble("mutation", text, (f"largest change {step:.2g}",), why, (leaf.name,), side))
    return found


def same(a: Array, b: Array) -> bool:
    """Equal entry for entry; NaN is equal to itself."""
    return bool((a == b).all()) or (a.dtype.kind == "f" and np.array_equal(a, b, equal_nan=True))


def _changed_data(sides: Sides, flight: Flight) -> None:
    for array, saved in sides.data:
        if not same(array, saved):
            array[...] = saved
            text = f"an array of shape {array.shape} that the functions read is changed in place by calling them"
            why = "the next call computes from other data; work on a copy"
            flight.troubles.append(Trouble("mutation", text, (), why, side="loss"))


def finite(value: Any) -> None:
    """Stop at a loss that is no number."""
    if np.iscomplexobj(value):
        raise Stopped(Trouble("loss-shape", "the loss is complex for real parameters", side="loss"))
    if not np.isfinite(value):
        raise Stopped(Trouble("non-finite", f"the loss is {float(value)} at the given parameters", side="loss"))


def _repeatable_loss(first: float, again: float, sides: Sides) -> float:
    if first == again:
        return 0.0
    eps = max(float(np.finfo(leaf.dtype).eps) for leaf in sides.layout.leaves)
    if abs(first - again) <= WOBBLE * eps * abs(first):
        return abs(first - again)
    if sides.place is not None:
        why = "the gradient function, which ran between, left something changed; or the loss draws random numbers"
    else:
        why = "random numbers or state that changes with each call; a seeded generator passed as an argument would do"
    text = "the loss is not deterministic: the same parameters gave two values"
    raise Stopped(Trouble("random", text, (f"{first!r}, then {again!r}",), why, side="loss"))


def _repeatable_gradient(sides: Sides, flight: Flight, packed: list[Array] | None) -> None:
    packed = packed or sides.layout.arrays(sides.start, own=True)
    second, _ = shaped(sides, sides.gradient_of(sides.layout.build(packed)))
    for leaf, a, b in zip(sides.layout.leaves, flight.claimed, second, strict=True):
        if same(a, b):
            continue
        gap = float(np.max(np.abs(a - b), initial=0.0))
        size = float(np.max(np.abs(a), initial=0.0))
        if not np.isfinite(gap) or gap <= WOBBLE * float(np.finfo(leaf.dtype).eps) * size:
            continue
        if np.allclose(b, 2 * a, rtol=1e-6, atol=0):
            text = f"the gradient of `{leaf.name}` accumulates: the second call returns twice the first"
            why = "set it to zero before each backward pass; only the first call was examined"
            flight.troubles.append(Trouble("accumulates", text, (), why, (leaf.name,)))
            continue
        text = f"the gradient of `{leaf.name}` is not deterministic: the same parameters gave two results"
        raise Stopped(Trouble("random", text, (f"they differ by {gap:.2g} of {size:.2g}",), "", (leaf.name,)))


# ---- shapes and dtypes


def shaped(sides: Sides, grads: list[Any]) -> tuple[list[Array], list[Trouble]]:
    """The claimed gradients as float64 arrays of exactly the parameters' shapes; the user's own where they are so.

    Raises
    ------
    Stopped
        With the first mismatch that leaves nothing to compare.
    """
    arrays, odd = [], []
    for leaf, grad in zip(sides.layout.leaves, grads, strict=True):
        array, trouble = _shaped(leaf, grad)
        arrays.append(array)
        odd += trouble
    return arrays, odd


def _shaped(leaf: Leaf, grad: Any) -> tuple[Array, list[Trouble]]:
    if isinstance(grad, Missing) or grad is None:
        text = grad.text if isinstance(grad, Missing) else f"the gradient of `{leaf.name}` is None"
        raise Stopped(Trouble("shape", text, leaves=(leaf.name,)))
    try:
        array = np.asarray(grad)
        kind = array.dtype.kind
    except ValueError:
        kind = "O"
    if kind not in "fiub":
        text = f"the gradient of `{leaf.name}` is {type(grad).__name__}, not real numbers"
        raise Stopped(Trouble("dtype", text, leaves=(leaf.name,)))
    odd = []
    if kind in "iub" and array.size:
        text = f"the gradient of `{leaf.name}` holds integers ({array.dtype}): fractions are lost"
        odd.append(Trouble("dtype", text, leaves=(leaf.name,), severity="warning"))
    if array.shape != leaf.shape:
        odd += _misshapen(leaf, array)
    return np.asarray(array, dtype=np.float64).reshape(leaf.shape), odd


def _misshapen(leaf: Leaf, array: Array) -> list[Trouble]:
    """Only axes of length 1 may differ, and that is said; everything else is another array."""
    text = f"the gradient of `{leaf.name}` has shape {array.shape}, the parameter has {leaf.shape}"
    if [n for n in array.shape if n != 1] == [n for n in leaf.shape if n != 1]:
        why = "subtracting one from the other broadcasts; the check went on with the parameter's shape"
        return [Trouble("shape", text, (), why, (leaf.name,), severity="warning")]
    hint = ""
    if array.shape == leaf.shape[::-1]:
        hint = "it is the shape of the transpose"
    elif array.shape[1:] == leaf.shape or (leaf.shape[:1] == (1,) and array.shape[1:] == leaf.shape[1:]):
        hint = f"it was not summed over its first axis, of length {array.shape[0]}"
    raise Stopped(Trouble("shape", text, (), hint, (leaf.name,)))


def flat(arrays: list[Array]) -> Vector:
    """The gradients in one vector of their own."""
    return np.concatenate([array.ravel() for array in arrays])


def not_finite(leaf: Leaf, grad: Array) -> Trouble | None:
    """Name the first entry of a gradient that is NaN or infinite."""
    if np.isfinite(grad.sum()):
        return None
    bad = np.flatnonzero(~np.isfinite(grad))
    if not bad.size:
        return None
    first = leaf.entry(int(bad[0]))
    count = f"{bad.size} of {grad.size} entries"
    text = f"the gradient of `{leaf.name}` is {grad.flat[bad[0]]} at {first[len(leaf.name) :] or 'its only entry'}"
    return Trouble("non-finite", text, (count,), leaves=(leaf.name,))
