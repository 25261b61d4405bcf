"""Modes that a program offers and does not use: other activations by their names, penalties that are switched off."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.model.record import record
from bpdoctor.model.source import Edit, Span, lines_of

# What is switched off is tried at this size.
_ON = "0.05"


@record
class Mode:
    """A setting by its name, what it would be in this mode, and the change of the text that makes it so."""

    name: str
    value: str
    edits: tuple[Edit, ...]


def modes(path: str, text: str) -> list[Mode]:
    """Every setting with what else the program compares it with, and every factor that is 0.

    A text is a setting where the program compares a name with it; a number where the name is a factor somewhere
    and nothing else is ever written to it.
    """
    tree = ast.parse(text)
    lines = lines_of(text)
    out = []
    for name, known in _compared(tree).items():
        used = [n for n in _texts(tree) if n.value in known]
        values = {n.value for n in used}
        for other in dict.fromkeys(value for value in known if value not in values and len(values) == 1):
            out.append(Mode(name, repr(other), tuple(_edit(path, lines, n, repr(other)) for n in used)))
    for name, nodes in _switched_off(tree).items():
        out.append(Mode(name, _ON, tuple(_edit(path, lines, n, _ON) for n in nodes)))
    return out


def _compared(tree: ast.AST) -> dict[str, list[str]]:
    """The texts that each name is compared with."""
    out: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq):
            other = node.comparators[0]
            if isinstance(other, ast.Constant) and isinstance(other.value, str) and _last(node.left):
                out.setdefault(_last(node.left), []).append(other.value)
    return out


def _texts(tree: ast.AST) -> Iterator[ast.Constant]:
    """Texts that are given to something: arguments, defaults, what is assigned."""
    for node in ast.walk(tree):
        given: list[ast.expr | None] = []
        if isinstance(node, ast.Call):
            given = [*node.args, *(k.value for k in node.keywords)]
        elif isinstance(node, ast.arguments):
            given = [*node.defaults, *node.kw_defaults]
        elif isinstance(node, ast.Assign):
            given = [node.value]
        yield from (n for n in given if isinstance(n, ast.Constant) and isinstance(n.value, str))


def _switched_off(tree: ast.AST) -> dict[str, list[ast.expr]]:
    """Names of factors that are 0, with the zeros."""
    factors = {
        _last(side)
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)
        for side in (node.left, node.right)
    }
    given: dict[str, list[ast.expr]] = {}
    for name, value in _given(tree):
        if name in factors:
            given.setdefault(name, []).append(value)
    kept = {n: [v for v in values if _last(v) != n] for n, values in given.items() if n}
    return {n: values for n, values in kept.items() if values and all(map(_is_zero, values))}


def _given(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """What is given to every name: arguments by their names, defaults, assignments, sums that grow."""
    arguments = _arguments(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword):
            yield node.arg or "", node.value
        elif isinstance(node, ast.arguments):
            named = [*node.posonlyargs, *node.args]
            yield from (
                (a.arg, d) for a, d in zip(named[len(named) - len(node.defaults) :], node.defaults, strict=True)
            )
            yield from ((a.arg, d) for a, d in zip(node.kwonlyargs, node.kw_defaults, strict=True) if d is not None)
        elif isinstance(node, ast.Assign):
            yield from (given for target in node.targets for given in _bound(target, node.value))
        elif isinstance(node, ast.AugAssign):
            yield _last(node.target), node.value
        elif isinstance(node, ast.For | ast.comprehension):
            yield from _bound(node.target, node.iter)
        elif isinstance(node, ast.Call):
            yield from zip(arguments.get(_last(node.func), ()), node.args, strict=False)


def _arguments(tree: ast.AST) -> dict[str, list[str]]:
    """The names of the arguments of functions, and of classes as they are called."""
    out: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            out[node.name] = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
        elif isinstance(node, ast.ClassDef):
            made = (f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__init__")
            out.update((node.name, [a.arg for a in f.args.args[1:]]) for f in made)
    return out


def _bound(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """What each name of a target is given, part by part where the value is written in parts."""
    if not isinstance(target, ast.Tuple | ast.List):
        yield _last(target), value
        return
    parts = value.elts if isinstance(value, ast.Tuple | ast.List) else []
    if len(parts) != len(target.elts):
        parts = [value] * len(target.elts)
    for inner, part in zip(target.elts, parts, strict=True):
        yield from _bound(inner, part)


def _is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value == 0


def _last(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _edit(path: str, lines: list[str], node: ast.expr, text: str) -> Edit:
    line, end = node.lineno, node.end_lineno or node.lineno
    start = len(lines[line - 1].encode()[: node.col_offset].decode()) + 1
    stop = len(lines[end - 1].encode()[: node.end_col_offset].decode()) + 1
    return Edit(Span(path, line, start, end, stop), text)
