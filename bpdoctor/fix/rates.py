"""Steps that are too long or too short: another learning rate, written where the program sets it."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.settings import origins, scaled
from bpdoctor.fix.text import Text

_LOWERS = re.compile(r"([\d.e-]+) times the step")
_MOVES = re.compile(r"moves the weights by ([\d.e-]+) of")
_USUAL = 1e-3
_MOST = 2


def shorter(trouble: Trouble) -> Iterator[Change]:
    """The length at which the loss was seen to fall, and tenths of it."""
    seen = [float(found[1]) for fact in trouble.facts if (found := _LOWERS.search(fact))]
    first = seen[0] if seen else 0.1
    yield from _other(trouble, (first, first / 10, first / 100))


def longer(trouble: Trouble) -> Iterator[Change]:
    """Steps that move the weights by about a thousandth of their size."""
    found = _MOVES.search(trouble.message)
    first = 10.0 ** round(math.log10(_USUAL / float(found[1]))) if found else 1000.0
    yield from _other(trouble, (first, first / 10, first * 10, first / 100))


def calmer(trouble: Trouble) -> Iterator[Change]:
    """What is driven out of the numbers by steps that are too long."""
    if "learning-rate-too-high" in trouble.others:
        yield from _other(trouble, (0.1, 0.01, 0.001))


def _other(trouble: Trouble, factors: tuple[float, ...]) -> Iterator[Change]:
    groups = list(_rates(trouble))[:_MOST]
    for factor in factors:
        for text, constants in groups:
            value = scaled(constants[0].value, factor)  # type: ignore[arg-type]
            edits = tuple(text.replaced(c, value) for c in constants)
            yield Change(f"write `{value}` in place of `{text.source(constants[0])}`", edits)


def _rates(trouble: Trouble) -> Iterator[tuple[Text, list[ast.Constant]]]:
    """The constants behind the rate of the update shown, each with its equals in the other updates.

    Those that gradients were seen to be multiplied by come first.
    """
    shown = [u for u in trouble.updates if u.statement is trouble.statement] or list(trouble.updates[:1])
    found: dict[ast.Constant, None] = {}
    for update in shown:
        found.update(dict.fromkeys(_of(update.text, update.statement)))
        everywhere = [c for u in trouble.updates if u.text is update.text for c in _of(u.text, u.statement)]
        ranked = sorted(found, key=lambda c: (everywhere.count(c) > 1, abs(c.value) not in trouble.factors))  # type: ignore[arg-type]
        for constant in ranked:
            alike = [c for c in dict.fromkeys(everywhere) if c.value == constant.value]
            yield update.text, alike


def _of(text: Text, statement: ast.stmt) -> Iterator[ast.Constant]:
    """Constants in the factors of what an update adds."""
    value = getattr(statement, "value", None)
    if value is None:
        return
    if not isinstance(statement, ast.AugAssign) and isinstance(value, ast.BinOp):
        value = value.right if isinstance(value.op, ast.Add | ast.Sub) else value
    parts = [value]
    if isinstance(value, ast.ListComp | ast.Tuple | ast.Dict | ast.DictComp):
        parts = [n.right for n in ast.walk(value) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Add | ast.Sub)]
    for part in parts:
        for constant in origins(text, part):
            if constant.value not in (0, 1, 2):
                yield constant


REMEDIES = (
    Remedy(("learning-rate-too-high", "dead-relu"), shorter),
    Remedy(("learning-rate-too-low", "plateau"), longer),
    Remedy(("non-finite", "overflow", "log-of-zero", "division-by-zero"), calmer),
)
