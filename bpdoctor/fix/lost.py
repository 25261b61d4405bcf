"""A new value that reaches nothing: the update written to the parameter itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import Function, Text, plain, target_of
from bpdoctor.fix.zeros import bindings, names
from bpdoctor.model.source import Edit

_SIGNS = {ast.Add: "+", ast.Sub: "-"}


def kept(trouble: Trouble) -> Iterator[Change]:
    """The lost value given to what it was computed from."""
    text, statement = trouble.text, trouble.statement
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        yield from _assigned(text, statement)
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.BinOp):
        yield from _in_place(text, statement, statement.value)
    elif isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        yield from _of_a_copy(text, statement, statement.target)
        yield from _handed_back(text, statement, statement.target.id)
        yield from _entry(text, statement, statement.target.id, text.source(statement))
    yield from _returned(text, statement)


def _in_place(text: Text, statement: ast.stmt, value: ast.BinOp) -> Iterator[Change]:
    """``W - lr * dW`` as ``W -= lr * dW``."""
    sign = _SIGNS.get(type(value.op))
    if sign and plain(value.left):
        line = f"{text.source(value.left)} {sign}= {text.source(value.right)}"
        yield Change(f"write `{' '.join(line.split())}`", (text.replaced(statement, line),))


def _assigned(text: Text, statement: ast.Assign) -> Iterator[Change]:
    """``new = W - lr * dW`` as an update of ``W``, also where ``new`` only has the name of what it is."""
    target, value = statement.targets[0], statement.value
    if isinstance(value, ast.BinOp) and type(value.op) in _SIGNS and plain(value.left):
        own = text.source(value.left)
        if isinstance(value.left, ast.Name) and _from_outside(text, statement, own):
            yield Change(f"write it into `{own}`", (text.replaced(target, f"{own}[...]"),))
        yield from _in_place(text, statement, value)
        if own != text.source(target):
            yield Change(f"assign it to `{own}`", (text.replaced(target, own),))
    if isinstance(target, ast.Name):
        yield from _of_a_copy(text, statement, target)
        yield from _handed_back(text, statement, target.id)
        yield from _entry(text, statement, target.id, "")


def _from_outside(text: Text, statement: ast.stmt, name: str) -> bool:
    """Whether a function reads a name of the module that it must not bind without saying so."""
    home = text.function(statement)
    if not isinstance(home, Function) or name in [a.arg for a in ast.walk(home.args) if isinstance(a, ast.arg)]:
        return False
    bound = any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store) for n in ast.walk(home))
    return not bound and any(bindings(text, name))


def _of_a_copy(text: Text, statement: ast.stmt, name: ast.Name) -> Iterator[Change]:
    """The value given back to what the name was a copy of."""
    for made in bindings(text, name.id, text.function(statement)):
        if made is statement or len(made.targets) > 1 or not isinstance(made.targets[0], ast.Name):
            continue
        value = made.value
        copied = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "copy"
        source = value.func.value if copied and not value.args else value  # type: ignore[attr-defined]
        if plain(source):
            line = f"{text.source(source)} = {name.id}"
            yield Change(f"add `{line}` after it", (text.after(statement, line),))


def _entry(text: Text, statement: ast.stmt, name: str, line: str) -> Iterator[Change]:
    """A number of a list, bound to the name that runs over the list: written to its place in the list."""
    for loop in text.loops(statement):
        if not isinstance(loop, ast.For) or name not in names(text, loop.target):
            continue
        call = loop.iter
        zipped = isinstance(call, ast.Call) and text.source(call.func) == "zip"
        sources = call.args if isinstance(call, ast.Call) and zipped else [call]
        targets = loop.target.elts if zipped and isinstance(loop.target, ast.Tuple) else [loop.target]
        for target, source in zip(targets, sources, strict=False):
            if isinstance(target, ast.Name) and target.id == name and plain(source):
                yield _numbered(text, statement, loop, f"{text.source(source)}[{{}}]", line)
        return


def _numbered(text: Text, statement: ast.stmt, loop: ast.For, entry: str, line: str) -> Change:
    used = {n.id for n in ast.walk(text.function(statement)) if isinstance(n, ast.Name)}
    i = next(name for name in ("i", "j", "k", "n", "index") if name not in used)
    each = text.source(loop.target)
    each = f"({each})" if isinstance(loop.target, ast.Tuple) and not each.startswith("(") else each
    entry = entry.format(i)
    head = Edit(
        replace(text.span(loop.target), end_line=loop.iter.end_lineno or 0, end_column=text.span(loop.iter).end_column),
        f"{i}, {each} in enumerate({text.source(loop.iter)})",
    )
    target = target_of(statement)
    assert target is not None
    return Change(f"write it to `{entry}`", (head, text.replaced(target, entry)))


def _handed_back(text: Text, statement: ast.stmt, name: str) -> Iterator[Change]:
    """A function that changes only its own name for an argument returns it, and its calls keep the result."""
    home = text.function(statement)
    if not isinstance(home, ast.FunctionDef) or any(isinstance(n, ast.Return) for n in ast.walk(home)):
        return
    arguments = [a.arg for a in home.args.args]
    if name in arguments:
        last = home.body[-1]
        yield from _results_kept(text, home, arguments.index(name), (text.after(last, f"return {name}"),))


def _returned(text: Text, statement: ast.stmt | None) -> Iterator[Change]:
    """The result of a function that is called for nothing, kept in place of its first argument."""
    home = next((n for n in text.around(statement) if isinstance(n, Function)), None) if statement else None
    if isinstance(statement, ast.Return) and home is not None:
        yield from _results_kept(text, home, 0, ())


def _results_kept(text: Text, home: Function, at: int, edits: tuple[Edit, ...]) -> Iterator[Change]:
    calls = [
        (s, s.value)
        for s in ast.walk(text.tree)
        if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call) and text.source(s.value.func) == home.name
    ]
    kept = [(s, c.args[at]) for s, c in calls if len(c.args) > at and _assignable(c.args[at])]
    if kept and len(kept) == len(calls):
        lines = [(s, f"{text.source(argument).strip('[]()')} = {text.source(s.value)}") for s, argument in kept]
        changed = tuple(text.replaced(s.value, line) for s, line in lines)
        yield Change(f"write `{' '.join(lines[0][1].split())}`", (*changed, *edits))


def _assignable(node: ast.expr) -> bool:
    return plain(node) or (isinstance(node, ast.List | ast.Tuple) and all(map(plain, node.elts)))


REMEDIES = (Remedy(("parameter-never-updated",), kept),)
