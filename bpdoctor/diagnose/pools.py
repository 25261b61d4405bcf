"""Windows that are cut out for their largest entries: pooling, and no columns of a convolution."""

from __future__ import annotations

from typing import Any

_SAME = frozenset({"reshape", "transpose", "copy", "view", "swapaxes", "ravel", "asarray", "getitem", "overlay"})
_MOST = 40


def pooled(structures: Any, m: int) -> str:
    """The layer of windows of which nothing is made, as they are or in another shape, but their largest entries."""
    nodes, pending, found = structures.tape.nodes, [m], False
    seen: set[int] = set()
    while pending and len(seen) < _MOST:
        n = pending.pop()
        if n in seen:
            continue
        seen.add(n)
        for reader in structures.readers.get(n, ()):
            if structures.takes_largest(reader):
                found = True
            elif nodes[reader].prim in _SAME:
                pending.append(reader)
            else:
                return ""
    return "maximum" if found and not pending else ""
