"""Arrays that an object holds: which of them its output depends on, which its backward call wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from bpdoctor.probe.probe import Probe, Space
from bpdoctor.probe.roles import is_setting, role_of

_MOST = 60
_DEEP = 4


def arrays(value: Any, text: str, depth: int = 0, seen: set[int] | None = None) -> Iterator[tuple[str, Any]]:
    """Float arrays, and single floats, reached through attributes, lists and dictionaries, with the text of each."""
    seen = set() if seen is None else seen
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f" and value.size and id(value) not in seen:
            seen.add(id(value))
            yield text, value
        return
    if isinstance(value, float) and depth > 0:
        yield text, value
        return
    if depth >= _DEEP or id(value) in seen:
        return
    seen.add(id(value))
    for part, inner in _parts(value):
        yield from arrays(inner, text + part, depth + 1, seen)


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for k, v in list(value.items())[:_MOST]:
            if isinstance(k, str | int | tuple):
                yield f"[{k!r}]", v
    elif isinstance(value, list | tuple):
        for i, v in enumerate(value[:_MOST]):
            yield f"[{i}]", v
    elif hasattr(value, "__dict__") and not isinstance(value, type) and not callable(getattr(value, "fget", None)):
        for k, v in list(vars(value).items()):
            yield f".{k}", v


def parameters(probe: Probe, space: Space, root: str) -> list[str]:
    """Places of arrays that the forward pass reads: changing one changes an output."""
    out = []
    outputs = [probe.loss] if probe.loss else list(probe.outputs.values())
    base = probe.advance(space)
    before = [np.asarray(base.value(t)) for t in outputs]
    inputs = [v for k, v in space.own.items() if k.startswith("_a_") and isinstance(v, np.ndarray)]
    for place, value in list(arrays(space.value(root), root))[:_MOST]:
        if isinstance(value, np.ndarray) and any(np.shares_memory(value, x) for x in inputs):
            continue
        if isinstance(value, float) and is_setting(role_of(spoken(place))):
            continue
        moved = space.copy()
        try:
            _disturb(moved, place, value)
            after = [np.asarray(v) for v in (probe.advance(moved).value(t) for t in outputs)]
        except Exception:
            continue
        if any(a.shape == b.shape and (a != b).any() for a, b in zip(after, before, strict=True)):
            out.append(place)
    return out


def _disturb(space: Space, place: str, value: Any) -> None:
    if isinstance(value, np.ndarray):
        held = space.value(place)
        held += np.linspace(0.1, 0.2, held.size).reshape(held.shape).astype(held.dtype)
    else:
        space.own["_moved"] = value + 0.1
        space.run(f"{place} = _moved")


def changed(before: Space, after: Space, root: str) -> list[str]:
    """Places that the backward call wrote or made."""
    old = {place: np.array(value) for place, value in arrays(before.value(root), root)}
    out = []
    for place, value in arrays(after.value(root), root):
        known = old.get(place)
        if known is None or known.shape != np.shape(value) or (known != value).any():
            out.append(place)
    return out


def short(place: str) -> str:
    """The name at the end of a place; a wrapper's `.value` or `.data` is named after what it wraps."""
    return place.split(".", 1)[-1]


def spoken(place: str) -> str:
    """The bare name for comparing: ``_o.W.grad`` is `dW`, ``_o.grads['W1']`` is `dW1`, ``_o.W.data`` is `W`."""
    parts = [p for p in place.replace("['", ".").replace("']", "").replace("[", ".").replace("]", "").split(".") if p][
        1:
    ]
    if not parts:
        return place
    last, rest = parts[-1], parts[:-1]
    if last in ("grad", "gradient", "g", "d", "delta", "grads") and rest:
        return "d" + rest[-1]
    if last in ("data", "value", "val", "values", "array", "weight_value") and rest:
        return rest[-1]
    if rest and any(word in rest[-1].lower() for word in ("grad", "deriv", "delta", "diff")):
        return "d" + last
    if last.isdigit() and rest:
        return rest[-1] + last
    return last
