"""Which returned array is the gradient of what: by names, then by order and shape."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from bpdoctor.model.record import record
from bpdoctor.probe.probe import Slot
from bpdoctor.probe.roles import differentiated, squeezed

Size = tuple[int, ...]


@record
class Entry:
    """An array that may be a gradient: text that yields it, its name, its shape."""

    text: str
    name: str
    shape: Size


def matched(slots: Sequence[tuple[Slot, Size]], entries: Sequence[Entry]) -> list[Slot]:
    """Slots with the gradient each was given; those without one are left out."""
    given: dict[int, Entry] = {}
    left = list(entries)
    for rule in (_named, _resembling):
        for i, (slot, size) in enumerate(slots):
            if i in given:
                continue
            found = [e for e in left if rule(e.name, slot.name)]
            exact = [e for e in found if _same(e.shape, size)] or found
            if exact:
                given[i] = exact[0]
                left.remove(exact[0])
    rest = [i for i in range(len(slots)) if i not in given]
    unnamed = [e for e in left if not differentiated(e.name) or not given]
    for i in rest:
        fitting = [e for e in unnamed if _same(e.shape, slots[i][1])]
        alike = [j for j in rest if j not in given and _same(slots[j][1], slots[i][1])]
        if fitting and (len(fitting) == 1 or len(fitting) == len(alike)):
            given[i] = fitting[0]
            unnamed.remove(fitting[0])
    # By position alone only where the sizes do not speak against it.
    if not given and len(slots) == len(left):
        fits = any(prod(size) == prod(e.shape) for (_, size), e in zip(slots, left, strict=True))
        given = dict(enumerate(left)) if fits else {}
    # A product of matrices sums by itself: terms of one that are kept, a step or sample each, are meant to be.
    apart = any(_of_terms(given[i].shape, size) for i, (_, size) in enumerate(slots) if i in given and _matrix(size))
    return [_with(slots[i], given[i], apart) for i in sorted(given)]


def _matrix(size: Size) -> bool:
    return len(size) > 1 and min(size) > 1


def _of_terms(shape: Size, size: Size) -> bool:
    """Whether an array has one axis more than a value, in front of the others."""
    return len(shape) == len(size) + 1 and shape[0] > 1 and shape[1:] == size


def _with(slot: tuple[Slot, Size], entry: Entry, apart: bool) -> Slot:
    s, size = slot
    text = entry.text
    if apart and _of_terms(entry.shape, size):
        text = f"_np.sum({text}, axis=0)"
    elif entry.shape != size and _same(entry.shape, size):
        text = f"_np.reshape({text}, {size})"
    return Slot(s.place, s.name, text, s.moves, s.parameter)


def _same(a: Size, b: Size) -> bool:
    return tuple(n for n in a if n != 1) == tuple(n for n in b if n != 1)


def _named(gradient: str, value: str) -> bool:
    return differentiated(gradient) == squeezed(value)


def _resembling(gradient: str, value: str) -> bool:
    """`dWeights` of `weight`, `dA_prev` of `A`, `dinputs` of `x`."""
    of, own = differentiated(gradient), squeezed(value)
    if not of or not own:
        return False
    if of.rstrip("s") == own.rstrip("s") or {of, own} <= _INPUTS:
        return True
    return len(own) > 1 and (of.startswith(own) or own.startswith(of)) and len(of) > 1


_INPUTS = frozenset({"x", "inputs", "input", "in", "a", "aprev", "data", "xt", "feat", "z", "img", "inp"})
