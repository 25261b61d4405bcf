"""Where a number comes from: the constants that the program sets it by, through names, arguments and attributes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.text import Function, Text
from bpdoctor.fix.zeros import last_name

_DEEPEST = 5


def origins(text: Text, node: ast.AST, depth: int = 0) -> Iterator[ast.Constant]:
    """Constants that an expression is a product or quotient of, wherever they are written."""
    if depth > _DEEPEST:
        return
    if isinstance(node, ast.Constant):
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            yield node
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div | ast.MatMult | ast.Pow):
        yield from origins(text, node.left, depth)
        if isinstance(node.op, ast.Mult):
            yield from origins(text, node.right, depth)
    elif isinstance(node, ast.UnaryOp):
        yield from origins(text, node.operand, depth)
    elif isinstance(node, ast.Name):
        for value in bound(text, node):
            yield from origins(text, value, depth + 1)
    elif isinstance(node, ast.Attribute | ast.Subscript):
        for value in kept(text, last_name(node)):
            yield from origins(text, value, depth + 1)


def bound(text: Text, name: ast.Name) -> Iterator[ast.expr]:
    """What a name is bound to in its function, by its callers, or in the module."""
    home = text.function(name)
    found = list(_assigned(text, home, name.id))
    yield from found
    if isinstance(home, Function) and not found:
        arguments = [a.arg for a in (*home.args.posonlyargs, *home.args.args)]
        if name.id in arguments or name.id in [a.arg for a in home.args.kwonlyargs]:
            yield from _passed(text, home, name.id, arguments)
            return
    if home is not text.tree:
        yield from _assigned(text, text.tree, name.id)


def _assigned(text: Text, home: ast.AST, name: str) -> Iterator[ast.expr]:
    for node in ast.walk(home):
        if isinstance(node, ast.Assign) and text.function(node) is home:
            for target in node.targets:
                yield from _part(target, node.value, name)


def _part(target: ast.expr, value: ast.expr, name: str) -> Iterator[ast.expr]:
    """``lr`` of ``lr, epochs = 0.1, 50``."""
    if isinstance(target, ast.Name) and target.id == name:
        yield value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for t, v in zip(target.elts, value.elts, strict=True):
            yield from _part(t, v, name)


def _passed(text: Text, home, name: str, arguments: list[str]) -> Iterator[ast.expr]:  # type: ignore[no-untyped-def]
    """What callers give for an argument, and its default."""
    owner = text.parents.get(home)
    of_class = isinstance(owner, ast.ClassDef)
    called = owner.name if isinstance(owner, ast.ClassDef) and home.name == "__init__" else home.name
    at = arguments.index(name) - of_class if name in arguments else -1
    for call in ast.walk(text.tree):
        if isinstance(call, ast.Call) and last_name(call.func) == called:
            yield from (k.value for k in call.keywords if k.arg == name)
            if 0 <= at < len(call.args):
                yield call.args[at]
    defaults = dict(zip(reversed(arguments), reversed(home.args.defaults), strict=False))
    named = zip([a.arg for a in home.args.kwonlyargs], home.args.kw_defaults, strict=True)
    default = {**defaults, **{k: v for k, v in named if v is not None}}.get(name)
    if default is not None:
        yield default


def kept(text: Text, name: str) -> Iterator[ast.expr]:
    """What is assigned to an attribute of this name, set for an entry of it, or the default of an option."""
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Assign):
            if any(isinstance(t, ast.Attribute | ast.Subscript) and last_name(t) == name for t in node.targets):
                yield node.value
            holder = text.parents.get(node)
            if isinstance(holder, ast.ClassDef) and any(last_name(t) == name for t in node.targets):
                yield node.value
        elif isinstance(node, ast.AnnAssign) and last_name(node.target) == name and node.value is not None:
            yield node.value
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            yield from (v for k, v in pairs if isinstance(k, ast.Constant) and k.value == name)
        elif isinstance(node, ast.Call):
            flags = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if name in [flag.lstrip("-").replace("-", "_") for flag in flags]:
                yield from (k.value for k in node.keywords if k.arg == "default")
            elif last_name(node.func) in ("dict", "SimpleNamespace", "Namespace"):
                yield from (k.value for k in node.keywords if k.arg == name)


def scaled(value: float, factor: float) -> str:
    """A number times a factor, to two digits, as one would write it.

    Examples
    --------
    >>> scaled(300.0, 0.001), scaled(0.07, 10), scaled(20, 0.1)
    ('0.3', '0.7', '2.0')
    """
    return repr(float(f"{value * factor:.2g}"))
