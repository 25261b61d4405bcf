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
        if text.statement(number) is trouble.statement:
            for name in dict.fromkeys(_named(trouble, float(wanted[1]))):
                yield Change(f"write `{name}` for the slope", (text.replaced(number, name),))
        yield Change(f"write `{wanted[1]}` for the slope", (text.replaced(number, wanted[1]),))


def _named(trouble: Trouble, value: float) -> Iterator[str]:
    """What the program calls this number: an attribute of the same object, or a name of the module."""
    text = trouble.text
    owner = next((n for n in text.around(trouble.place) if isinstance(n, ast.ClassDef)), None)
    method = text.function(trouble.place)
    me = method.args.args[0].arg if owner and isinstance(method, ast.FunctionDef) and method.args.args else ""
    for node in ast.walk(owner) if owner and me else ():
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            home = text.function(node)
            known = _defaults(home) if isinstance(home, ast.FunctionDef) else {}
            given = known.get(node.value.id) if isinstance(node.value, ast.Name) else node.value
            if isinstance(given, ast.Constant) and _is(given, value):
                yield f"{me}.{node.targets[0].attr}"
    bound = (s for s in text.tree.body if isinstance(s, ast.Assign) and isinstance(s.value, ast.Constant))
    for statement in bound:
        target, number = statement.targets[0], statement.value
        if isinstance(target, ast.Name) and isinstance(number, ast.Constant) and _is(number, value):
            yield target.id


def _defaults(home: ast.FunctionDef) -> dict[str, ast.expr]:
    """The defaults of a function's arguments by name."""
    names = [a.arg for a in home.args.args]
    return dict(zip(names[len(names) - len(home.args.defaults) :], home.args.defaults, strict=True))


def _is(node: ast.Constant, value: float) -> bool:
    return isinstance(node.value, float) and abs(node.value - value) <= 1e-5 * abs(value)


REMEDIES = (Remedy(("activation-slope-mismatch",), shared),)
