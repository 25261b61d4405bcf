"""Two names for one array, or one for many: a copy, or each of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import Text, plain, target_of


def apart(trouble: Trouble) -> Iterator[Change]:
    """The statements that are shown with a copy in place of the thing itself."""
    text = trouble.text
    for statement in trouble.nearby():
        for node in ast.walk(statement):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
                yield from _each(text, node)
        value: ast.expr = getattr(statement, "value", ast.Constant(None))
        if isinstance(statement, ast.Assign) and plain(statement.value):
            for written in (f"{text.source(value)}.copy()", f"[each.copy() for each in {text.source(value)}]"):
                yield Change(f"write `{written}`", (text.replaced(value, written),))
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "append":
            for argument in value.args:
                if plain(argument):
                    written = f"{text.source(argument)}.copy()"
                    yield Change(f"write `{written}`", (text.replaced(argument, written),))
        for node in ast.walk(statement):
            if isinstance(node, ast.keyword) and node.arg == "out" and isinstance(text.parents[node], ast.Call):
                yield from _without_out(text, text.parents[node], node)


def _each(text: Text, node: ast.BinOp) -> Iterator[Change]:
    """``[row] * n`` as ``[row for _ in range(n)]``: made anew for each."""
    for row, count in ((node.left, node.right), (node.right, node.left)):
        if isinstance(row, ast.List) and len(row.elts) == 1 and not isinstance(row.elts[0], ast.Constant):
            written = f"[{text.source(row.elts[0])} for _ in range({text.source(count)})]"
            yield Change(f"write `{written}`", (text.replaced(node, written),))


def _without_out(text: Text, call: ast.AST, keyword: ast.keyword) -> Iterator[Change]:
    assert isinstance(call, ast.Call)
    parts = [text.source(a) for a in call.args]
    parts += [f"{k.arg}={text.source(k.value)}" for k in call.keywords if k is not keyword and k.arg]
    written = f"{text.source(call.func)}({', '.join(parts)})"
    yield Change(f"write `{written}`", (text.replaced(call, written),))


def into_another(trouble: Trouble) -> Iterator[Change]:
    """``h *= mask`` as ``h = h * mask``: the array itself stays what the backward pass expects."""
    text = trouble.text
    for statement in trouble.nearby():
        if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name | ast.Attribute):
            target, operator = text.source(statement.target), _SIGNS.get(type(statement.op))
            value = text.source(statement.value)
            loose = isinstance(statement.value, ast.BinOp | ast.Compare | ast.IfExp)
            if operator is not None:
                line = f"{target} = {target} {operator} {f'({value})' if loose else value}"
                yield Change(f"write `{line}`", (text.replaced(statement, line),))


def of_its_own(trouble: Trouble) -> Iterator[Change]:
    """A copy made first where a function changes what it was given."""
    text, statement = trouble.text, trouble.statement
    home = text.function(trouble.place)
    target = target_of(statement)
    if isinstance(home, ast.FunctionDef) and isinstance(target, ast.Name | ast.Subscript):
        root = next((n.id for n in ast.walk(target) if isinstance(n, ast.Name)), "")
        if root in [a.arg for a in home.args.args]:
            line = f"{root} = {root}.copy()"
            yield Change(f"begin with `{line}`", (text.before(home.body[0], line),))


_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}

REMEDIES = (
    Remedy(("cache-mutated-before-backward", "read-after-mutation"), into_another),
    Remedy(("aliased-state", "read-after-mutation", "cache-mutated-before-backward", "stale-cache"), apart),
    Remedy(("input-mutated",), of_its_own),
)
