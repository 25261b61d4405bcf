"""An error of all samples taken for the gradient of a bias: added up over the samples."""

from __future__ import annotations

from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import plain, target_of
from bpdoctor.fix.zeros import last_name, read_in


def over_samples(trouble: Trouble) -> Iterator[Change]:
    """``b - lr * d`` as ``b - lr * d.sum(axis=0)``; only where nothing is added up yet."""
    text, statement = trouble.text, trouble.statement
    value, target = getattr(statement, "value", None), target_of(statement)
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


REMEDIES = (Remedy(("bias-gradient-axis",), over_samples),)
