"""Logarithms, exponentials and quotients at the edge of the numbers, written so that they stay inside."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import Text, plain
from bpdoctor.fix.zeros import bindings, last_name, numpy_name

_LEAST = "1e-12"


def bounded(trouble: Trouble) -> Iterator[Change]:
    """Every logarithm of the statement of at least a tiny number."""
    text, statement, numpy = trouble.text, trouble.statement, numpy_name(trouble.text)
    if statement is None:
        return
    yield from _of_the_sum(text, statement, numpy)
    arguments = [c.args[0] for c in _calls(statement, ("log", "log2", "log10")) if c.args]
    written = [
        f"{numpy}.maximum({text.source(a)}, {_LEAST})" if numpy else f"max({text.source(a)}, {_LEAST})"
        for a in arguments
    ]
    if arguments:
        edits = tuple(text.replaced(a, w) for a, w in zip(arguments, written, strict=True))
        yield Change(f"write `{written[0]}`", edits)


def _of_the_sum(text: Text, statement: ast.stmt, numpy: str) -> Iterator[Change]:
    """``t log p + (1 - t) log(1 - p)`` with ``p = 1 / (1 + exp(-z))`` as ``t z - log(1 + exp z)``, computed safely."""
    for node in ast.walk(statement):
        if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and numpy):
            continue
        for side in (node.left, node.right):
            if not isinstance(side, ast.BinOp) or not isinstance(side.op, ast.Mult):
                continue
            logs = [c.args[0] for c in _calls(side.right, ("log",)) if plain(c.args[0])]
            for sums in [_sum_of(text, logs[0])] if logs and len(_calls(node, ("log",))) == 2 else []:
                if sums:
                    target = text.source(side.left)
                    factor = f"({sums})" if " " in sums else sums
                    written = f"{target} * {factor} - {numpy}.logaddexp(0, {sums})"
                    yield Change(f"write `{written}`", (text.replaced(node, written),))


def _sum_of(text: Text, output: ast.expr) -> str:
    """``z`` where the output is ``1 / (1 + exp(-z))``, written out or by a function called so."""
    for made in bindings(text, text.source(output), text.function(output)):
        value = made.value
        if isinstance(value, ast.Call) and "sigm" in last_name(value.func) and len(value.args) == 1:
            return text.source(value.args[0])
        if sums := _under_logistic(text, value):
            return sums
    owner = next((n for n in text.around(output) if isinstance(n, ast.ClassDef)), None)
    kept = (_under_logistic(text, n) for n in ast.walk(owner)) if owner is not None else iter(())
    return next((sums for sums in kept if sums.startswith("self.")), "")


def _under_logistic(text: Text, node: ast.AST) -> str:
    """``z`` of ``1 / (1 + exp(-z))``."""
    powers = _calls(node, ("exp",))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and len(powers) == 1:
        inside = powers[0].args[0]
        if isinstance(inside, ast.UnaryOp) and isinstance(inside.op, ast.USub):
            return text.source(inside.operand).removeprefix("(").removesuffix(")")
    return ""


def _calls(statement: ast.AST, called: tuple[str, ...]) -> list[ast.Call]:
    return [n for n in ast.walk(statement) if isinstance(n, ast.Call) and last_name(n.func) in called]


def shifted(trouble: Trouble) -> Iterator[Change]:
    """Exponentials of what is at most 0, or of what is kept within the type."""
    text, statement, numpy = trouble.text, trouble.statement, numpy_name(trouble.text)
    if statement is None:
        return
    for call in _calls(statement, ("exp",)):
        argument = call.args[0]
        source = text.source(argument)
        if numpy and plain(argument):
            for axis in _axes(text, call):
                if isinstance(argument, ast.Name):
                    line = f"{source} = {source} - {source}.max({axis})"
                    yield Change(f"add `{line}`", (text.before(statement, line),))
                written = f"{source} - {source}.max({axis})"
                yield Change(f"write `{text.source(call.func)}({written})`", (text.replaced(argument, written),))
        written = f"{numpy}.clip({source}, -500, 500)" if numpy else f"max(-500.0, min(500.0, {source}))"
        yield Change(f"write `{text.source(call.func)}({written})`", (text.replaced(argument, written),))


def _axes(text: Text, call: ast.Call) -> list[str]:
    """The axis over which the exponentials are added up nearby, as it is written there."""
    sums = _calls(text.function(call), ("sum",))
    found = []
    for each in sums:
        axis = next((text.source(k.value) for k in each.keywords if k.arg == "axis"), None)
        found.append(f"axis={axis}, keepdims=True" if axis is not None else "")
    return list(dict.fromkeys(found))


def apart_from_zero(trouble: Trouble) -> Iterator[Change]:
    """Divisors with a tiny number added."""
    text, statement = trouble.text, trouble.statement
    for node in ast.walk(statement) if statement is not None else ():
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            written = (
                f"({text.source(node.right).strip('()') if plain(node.right) else text.source(node.right)} + {_LEAST})"
            )
            yield Change(f"write `/ {written}`", (text.replaced(node.right, written),))


REMEDIES = (
    Remedy(("log-of-zero",), bounded),
    Remedy(("overflow",), shifted),
    Remedy(("division-by-zero",), apart_from_zero),
)
