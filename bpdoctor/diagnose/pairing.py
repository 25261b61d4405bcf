"""Which of the user's values stands for which forward value, where expressions are executed repeatedly."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import groupby
from typing import Any

import numpy as np

from bpdoctor.diagnose.believed import Key, Pair


def pairings(view: Any, reached: Collection[int], source: int, target: int) -> Iterable[tuple[Pair, ...]]:
    """Ways to pair all executions of one expression with those of another.

    Parameters
    ----------
    view : View
    reached : collection of int
        Nodes that have an adjoint.
    source, target : int
        One of the user's values, and a forward value of as many entries.

    Notes
    -----
    One array stands for one adjoint; numbers of one expression stand together for those of another.
    """
    if source not in view.keys or target not in view.keys:
        return
    shape, other_shape = np.shape(view.tape.values[source]), np.shape(view.tape.values[target])
    if int(np.prod(shape)) != int(np.prod(other_shape)):
        return
    one, other = view.keys[source], view.keys[target]
    ours = [k for k in view.by_site.get(one[0], ()) if _in_step(view, k) and _shape(view, k) == shape]
    theirs = [k for k in view.by_site.get(other[0], ()) if view.by_key[k] in reached]
    theirs = [k for k in theirs if _shape(view, k) == other_shape]
    if len(ours) == len(theirs):
        yield tuple(zip(ours, theirs, strict=True))
    if len(ours) > 1:
        yield from nested(view, ours, theirs)
    if (shape or len(ours) == 1) and (len(ours), len(theirs)) != (1, 1):
        yield ((one, other),)


def nested(view: Any, ours: list[Key], theirs: list[Key]) -> Iterable[tuple[Pair, ...]]:
    """Last in, first out: going back, each value stands for the latest forward value that is still open.

    Notes
    -----
    That is the order of layers, of time steps, and of either within each sample. Of more forward than
    backward values in a stretch, the outermost (an output layer of its own) or the innermost is left out.
    """
    forward = [(view.by_key[k], False, k) for k in theirs]
    places = sorted([*forward, *((view.by_key[k], True, k) for k in ours)])
    for outermost in (True, False):
        out: list[Pair] = []
        waiting: list[Key] = []
        for back, run in groupby(places, key=lambda p: p[1]):
            keys = [k for _, _, k in run]
            if not back:
                waiting = keys
                continue
            spare = max(len(waiting) - len(keys), 0)
            waiting = waiting[: len(waiting) - spare] if outermost else waiting[spare:]
            out.extend(zip(keys, reversed(waiting), strict=False))
        if len(out) == len(ours):
            yield tuple(out)
        if len(ours) == len(theirs):
            return


def _in_step(view: Any, key: Key) -> bool:
    node: int = view.by_key[key]
    return bool(view.step.start <= node < view.step.stop)


def _shape(view: Any, key: Key) -> tuple[int, ...]:
    return np.shape(view.tape.values[view.by_key[key]])
