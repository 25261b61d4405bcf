"""An error of all samples taken for the gradient of a bias: added up over the samples."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import plain, target_of
from bpdoctor.fix.zeros import last_name, read_in


def over_samples(trouble: Trouble) -> Iterator[Change]:
    """``b - lr * d`` as ``b - lr * d.sum(axis=0)``; only where nothing is added up yet."""
    text, statement = trouble.text, trouble.statement
    value, target = getattr(statement, "value", None), target_of(statement)
    yield from _axes(trouble)
    if value is None or target is None:
        return
    own = text.source(target)
    read = [e for e in reversed(read_in(value)) if plain(e) and text.source(e) != own]
    if any(last_name(e) in ("sum", "mean") for e in read) or "sum(" in text.source(value):
        return
    for axis in ("axis=0", "axis=0, keepdims=True", "axis=1, keepdims=True"):
        for each in read[:2]:
            written = f"{text.source(each)}.sum({axis})"
            yield Change(f"write `{written}`", (text.replaced(each, written),))


def _axes(trouble: Trouble) -> Iterator[Change]:
    """``d.sum()`` as ``d.sum(axis=0)``, and a sum over one axis as the sum over another."""
    text, call = trouble.text, trouble.place
    if not isinstance(call, ast.Call) or last_name(call.func) not in ("sum", "mean"):
        return
    given = [text.source(a) for a in call.args]
    kept = [f"{k.arg}={text.source(k.value)}" for k in call.keywords if k.arg != "axis"]
    stated = next((text.source(k.value) for k in call.keywords if k.arg == "axis"), "")
    wide = kept or stated
    forms = ["axis=0", "axis=1"] if wide else ["axis=0", "axis=0, keepdims=True", "axis=1", "axis=1, keepdims=True"]
    for axis in forms:
        if axis != f"axis={stated}":
            written = f"{text.source(call.func)}({', '.join([*given, axis, *kept])})"
            yield Change(f"write `{written}`", (text.replaced(call, written),))


REMEDIES = (Remedy(("bias-gradient-axis",), over_samples),)
