"""Strings that a definition compares its arguments with: the values by which it is told what to do."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping

_SAME_WORD = frozenset({"lower", "upper", "strip", "casefold"})
_ENTRY = frozenset({"get", "setdefault", "pop"})


def entry(node: ast.AST, names: Collection[str]) -> str:
    """`x`, or ``parameters['W']`` as the text of the subscript; empty for what shows no argument."""
    if isinstance(node, ast.Name) and node.id in names:
        return node.id
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in names:
        return _keyed(node.value.id, node.slice)
    return ""


def _keyed(owner: str, key: ast.AST) -> str:
    return f"{owner}[{key.value!r}]" if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""


def shown(node: ast.AST, names: Collection[str], aliases: Mapping[str, str]) -> str:
    """The argument, or the entry of one, that an expression shows as it is or under another name."""
    if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in aliases:
        return aliases[ast.unparse(node)]
    if isinstance(node, ast.BoolOp):
        return shown(node.values[0], names, aliases)  # ``mode or 'train'``
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        owner = node.func.value
        if node.func.attr in _SAME_WORD:
            return shown(owner, names, aliases)
        if node.func.attr in _ENTRY and isinstance(owner, ast.Name) and owner.id in names and node.args:
            return _keyed(owner.id, node.args[0])
    return entry(node, names)


def aliases_of(node: ast.AST, names: Collection[str], known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Names and attributes that an argument, or an entry of one, is stored under, those `known` before included."""
    out = dict(known or {})
    found = [n for n in ast.walk(node) if isinstance(n, ast.Assign | ast.AnnAssign)]
    for statement in sorted(found, key=lambda n: n.lineno):
        for target, value in _stored(statement):
            full = shown(value, names, out)
            if full and ast.unparse(target) not in names:
                out[ast.unparse(target)] = full
    return out


def _stored(statement: ast.Assign | ast.AnnAssign) -> Iterator[tuple[ast.expr, ast.expr]]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    value = statement.value
    for target in targets if value is not None else ():
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            yield from zip(target.elts, value.elts, strict=True)
        elif value is not None:
            yield target, value


def compared(node: ast.AST, names: Collection[str], aliases: Mapping[str, str]) -> dict[str, list[str]]:
    """The strings by the argument, or the entry of one, in the order of the text."""
    out: dict[str, list[str]] = {}
    for each in ast.walk(node):
        if isinstance(each, ast.Compare):
            sides = [each.left, *each.comparators]
            subject = next((s for s in (shown(x, names, aliases) for x in sides) if s), "")
            words = [w for side in sides for w in _words(side)]
        elif isinstance(each, ast.Match):
            subject = shown(each.subject, names, aliases)
            words = [w for case in each.cases for w in _words(case.pattern)]
        else:
            continue
        if subject and words:
            known = out.setdefault(subject, [])
            known += [w for w in dict.fromkeys(words) if w not in known]
    return out


def _words(node: ast.AST) -> Iterator[str]:
    """A string, or those of a tuple, list or set of them, or of a pattern."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        for element in node.elts:
            yield from _words(element)
    elif isinstance(node, ast.MatchValue):
        yield from _words(node.value)
    elif isinstance(node, ast.MatchOr):
        for pattern in node.patterns:
            yield from _words(pattern)
