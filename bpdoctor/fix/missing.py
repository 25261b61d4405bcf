"""A gradient that is applied to nothing: the update that is missing, written like one that is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from bpdoctor.fix.remedies import Change, Remedy, Trouble, Update
from bpdoctor.fix.text import Function, Text, plain, target_of
from bpdoctor.fix.zeros import last_name, names, read_in

_WORD = re.compile(r"\w+")
_NAME = re.compile(r"`([^`]+)`")


def applied(trouble: Trouble) -> Iterator[Change]:
    """The update of another parameter with the names of this one."""
    named = _NAME.search(trouble.message) if "its gradient is computed" in trouble.message else None
    parameter = parsed(named[1]) if named is not None else None
    gradients = [name for target in _targets(trouble) for name in names(trouble.text, target)]
    if parameter is None:
        return
    for update in reversed(trouble.updates):
        for line in _like(update, parameter, gradients):
            yield Change(f"add `{line}`", (update.text.after(update.statement, line),))


def _targets(trouble: Trouble) -> list[ast.expr]:
    """What the gradient is bound to: by its statement, or by the callers of the function that returns it."""
    text, statement = trouble.text, trouble.statement
    if isinstance(statement, ast.AugAssign):
        return [statement.target]
    if isinstance(statement, ast.Return):
        home = text.function(statement)
        called = home.name if isinstance(home, Function) else ""
        kept = [n for n in ast.walk(text.tree) if isinstance(n, ast.Assign) and isinstance(n.value, ast.Call)]
        return [
            t for n in kept if isinstance(n.value, ast.Call) and last_name(n.value.func) == called for t in n.targets
        ]
    return statement.targets if isinstance(statement, ast.Assign) else []


def parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError:
        return None


def _like(update: Update, parameter: ast.expr, gradients: list[str]) -> Iterator[str]:
    """The statement of an update with other names in it: those of the parameter and of its gradient."""
    statement = update.statement
    target = target_of(statement)
    value = getattr(statement, "value", None)
    if not plain(target) or value is None:
        return
    text = update.text
    own = text.source(target)
    taken = [e for e in read_in(value) if text.source(e) != own]
    for gradient in sorted(gradients, key=lambda g: -_alike(g, last_name(parameter))):
        new = parsed(gradient)
        if new is None:
            continue
        # The gradient among the names is the one that is called most like this one.
        for old in sorted(taken, key=lambda e: -_alike(last_name(e), last_name(new)))[:2]:
            changed = {own: _instead(text, target, parameter), text.source(old): _instead(text, old, new)}
            yield _with(text, statement, changed)
        if isinstance(target, ast.Name | ast.Attribute):
            yield from _plainly(text, update, parameter, gradient)


def _instead(text: Text, old: ast.expr, new: ast.expr) -> str:
    """What is written for `new` where `old` stands: of the same object, at the same index."""
    if type(old) is type(new) or isinstance(old, ast.Subscript):
        return renamed(text.source(old), {last_name(old): last_name(new)})
    return ast.unparse(new)


def _with(text: Text, statement: ast.stmt, changed: dict[str, str]) -> str:
    """A statement with other expressions in it."""
    source, span = text.source(statement), text.span(statement)
    found = [n for n in ast.walk(statement) if plain(n) and text.source(n) in changed]
    for node in sorted(found, key=lambda n: (n.lineno, n.col_offset), reverse=True):
        at = text.span(node)
        if at.line == at.end_line == span.line:
            start, end = at.column - span.column, at.end_column - span.column
            source = source[:start] + changed[text.source(node)] + source[end:]
    return source


def _alike(a: str, b: str) -> float:
    """How much one gradient's name resembles another's."""
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


def _plainly(text: Text, update: Update, parameter: ast.expr, gradient: str) -> Iterator[str]:
    """``b -= rate * db`` with the rate of another update, whatever stands there for the gradient."""
    statement = update.statement
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add | ast.Sub):
        sign = "-=" if isinstance(statement.op, ast.Sub) else "+="
        value = statement.value
        while (
            isinstance(value, ast.BinOp) and isinstance(value.left, ast.BinOp) and isinstance(value.left.op, ast.Mult)
        ):
            value = value.left
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):
            for rate in (value.left, value.right):
                if isinstance(rate, ast.Constant | ast.Name | ast.Attribute):
                    yield f"{ast.unparse(parameter)} {sign} {text.source(rate)} * {gradient}"


def renamed(source: str, changed: dict[str, str]) -> str:
    """Source with names, and strings that are names, changed.

    Examples
    --------
    >>> renamed("g['dW' + str(i)]", {"dW": "db"})
    "g['db' + str(i)]"
    """
    return _WORD.sub(lambda found: changed.get(found[0], found[0]), source)


REMEDIES = (Remedy(("parameter-never-updated",), applied),)
