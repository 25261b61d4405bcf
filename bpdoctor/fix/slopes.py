"""A leaky activation with two slopes: the backward one written as the forward one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble

_WRITTEN = re.compile(r"slope (\S+) below zero")
_WANTED = re.compile(r"should be np\.where\(z > 0, 1, (\S+)\)")
_MOST = 4


def shared(trouble: Trouble) -> Iterator[Change]:
    """The number that the backward slope comes from: nearest to the place, an argument's default included."""
    facts = " ".join(trouble.facts)
    written, wanted = _WRITTEN.search(facts), _WANTED.search(facts)
    if written is None or wanted is None:
        return
    text = trouble.text
    homes = [*([trouble.statement] if trouble.statement is not None else []), text.function(trouble.place), text.tree]
    found = [n for home in homes for n in ast.walk(home) if isinstance(n, ast.Constant) and _is(n, float(written[1]))]
    for number in list(dict.fromkeys(found))[:_MOST]:
        yield Change(f"write `{wanted[1]}` for the slope", (text.replaced(number, wanted[1]),))


def _is(node: ast.Constant, value: float) -> bool:
    return isinstance(node.value, float) and abs(node.value - value) <= 1e-5 * abs(value)


REMEDIES = (Remedy(("activation-slope-mismatch",), shared),)
