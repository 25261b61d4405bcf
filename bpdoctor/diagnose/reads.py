"""Which entries of an array a node reads: rows by number, or the block of a window."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np


def gathers(node: Any) -> bool:
    """Whether a node reads rows by number, so that one may be read twice."""
    if node.prim == "take":
        return True
    if node.prim != "getitem":
        return False
    return any(isinstance(p, list | np.ndarray) and np.asarray(p).dtype.kind in "iu" for p in _parts(node))


def is_window(node: Any) -> bool:
    """Whether a node reads a block of an image: two partial slices."""
    return node.prim == "getitem" and sum(_partial(p) for p in _parts(node)) >= 2


def _partial(part: Any) -> bool:
    return isinstance(part, slice) and part.stop is not None and (part.start is not None or part.step is not None)


def _parts(node: Any) -> Iterable[Any]:
    key = node.static.get("key", ())
    return key if isinstance(key, tuple) else (key,)
