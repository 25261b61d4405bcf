"""Values of fewer entries than their place has: the same for every sample, or for every feature."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from bpdoctor.fix.scope import Term
from bpdoctor.fix.writing import atom, factor, held

_MOST_ARRAYS = 12
_MOST_SMALL = 8
_LONGEST = 24
_SAME = 1e-8
# How far a spread may be from 1 for what is added to it under the root.
_NEARLY = 0.05


def narrow(terms: Sequence[Term], shape: tuple[int, ...]) -> Iterator[Term]:
    """Names that go into a shape without growing it, spread over it."""
    for t in terms:
        if t.shape and t.shape != shape and _fits(t.shape, shape) and not isinstance(t.value, np.matrix):
            yield Term(t.text, np.broadcast_to(t.value, shape), t.chance)


def added_up(terms: Sequence[Term], shape: tuple[int, ...]) -> Iterator[Term]:
    """Means over the first axis or the last one of what has the shape, spread over it."""
    for t in _arrays(terms, shape):
        for axis in (0, -1):
            kept = "" if axis == 0 else ", keepdims=True"
            mean = np.mean(t.value, axis=axis, keepdims=True)
            yield Term(f"{atom(t.text)}.mean(axis={axis}{kept})", np.broadcast_to(mean, shape))


def _arrays(terms: Sequence[Term], shape: tuple[int, ...]) -> list[Term]:
    found = [t for t in terms if t.shape == shape and not isinstance(t.value, np.matrix)]
    return found[:_MOST_ARRAYS] if len(shape) > 1 else []


def level(value: Any) -> bool:
    """Whether a value is the same all along one of its axes."""
    top = np.abs(value).max(initial=0.0)
    return any(n > 1 and np.ptp(value, axis=i).max() <= _SAME * top for i, n in enumerate(np.shape(value)))


def _fits(shape: tuple[int, ...], whole: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, whole) == whole
    except ValueError:
        return False


def through_normalisation(wanted: Any, terms: Sequence[Term]) -> Iterator[Term]:
    """``(d - d.mean(axis=0) - x * (d * x).mean(axis=0)) * s``: back through mean and variance at once.

    `x` is normalised itself, and `s` something that is as small as a variance, as the program calls it.
    """
    wanted = np.asarray(wanted, dtype=np.float64)
    arrays = _arrays(terms, wanted.shape)
    small = [t for t in terms if t.shape != wanted.shape and _fits(t.shape, wanted.shape)][:_MOST_SMALL]
    for x in arrays:
        for axes in _normalised_over(x.value):
            for d in [*(a for a in arrays if a is not x), *_scaled(arrays, x, small)]:
                core = _core(d, x, axes)
                for text in _factors(wanted, core.value, axes, small):
                    yield Term(text.format(core.text) if text != "{}" else core.text, wanted)


def _normalised_over(value: Any) -> Iterator[tuple[int, ...]]:
    """Axes along which a value has mean 0 and spread 1."""
    axes = np.ndim(value)
    for over in [(0,), (axes - 1,), *([(0, 2, 3), (0, 1, 2)] if axes == 4 else [])]:
        if np.abs(np.mean(value, axis=over)).max() < _NEARLY * _NEARLY:
            spread = np.std(value, axis=over)
            if np.abs(spread - 1).max() < _NEARLY:
                yield over


def _scaled(arrays: Sequence[Term], x: Term, small: Sequence[Term]) -> Iterator[Term]:
    for a in arrays:
        for s in small[:4] if a is not x else ():
            yield Term(f"{held(a.text)} * {factor(s.text)}", a.value * s.value)


def _core(d: Term, x: Term, axes: tuple[int, ...]) -> Term:
    along = "axis=0" if axes == (0,) else "axis=-1, keepdims=True"
    if len(axes) > 1:
        along = f"axis={axes}, keepdims=True"
    mean = np.mean(d.value, axis=axes, keepdims=True)
    common = np.mean(d.value * x.value, axis=axes, keepdims=True)
    both = f"({held(d.text)} * {factor(x.text)}).mean({along})"
    text = f"{d.text} - {atom(d.text)}.mean({along}) - {factor(x.text)} * {both}"
    return Term(text, d.value - mean - x.value * common)


def _factors(wanted: Any, core: Any, axes: tuple[int, ...], small: Sequence[Term]) -> Iterator[str]:
    """What the core is to be multiplied with, as a form to put it into."""
    size = np.sum(core * core, axis=axes, keepdims=True)
    if not size.all():
        return
    ratio = np.sum(core * wanted, axis=axes, keepdims=True) / size
    top = np.abs(wanted).max()
    if np.abs(wanted - ratio * core).max() > _SAME * top:
        return
    tried: list[tuple[str, Any]] = [("{}", 1.0)]
    tried += [(f"({{}}) * {factor(s.text)}", s.value) for s in small]
    tried += [(f"({{}}) / {factor(s.text)}", 1 / s.value) for s in small if np.all(s.value)]
    for a in small:
        for b in small:
            if a is not b and np.all(b.value):
                tried.append((f"({{}}) * {factor(a.text)} * {factor(b.text)}", a.value * b.value))
                tried.append((f"({{}}) * {factor(a.text)} / {factor(b.text)}", a.value / b.value))
    for text, value in tried:
        if np.abs(np.broadcast_to(value, wanted.shape) - ratio).max() <= _SAME * np.abs(ratio).max():
            yield text
