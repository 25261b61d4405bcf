"""Where a forward pass was told to run as in training: the call that sets its mode, or none where it has no mode."""

from __future__ import annotations

import ast
from typing import Any

from bpdoctor.model.tape import Entered, Tape

_DECORATORS = 3


def told_at(tape: Tape, n: int, sites: Any) -> int:
    """Site of the call that set the mode in which a value was computed; of the value itself without a mode."""
    own = tape.nodes[n].site
    line, position, scope = sites[own].line, n, sites[own].scope
    call = tape.call(position, scope)
    function = None if call is None else _definition(call, sites[own])
    name = "" if function is None else _mode(function, line)
    while call is not None and function is not None and name:
        given = _argument(sites[call.site].node, function, name)
        outer = tape.call(call.position, sites[call.site].scope)
        around = None if outer is None else _definition(outer, sites[call.site])
        if not isinstance(given, ast.Name) or around is None or given.id not in _parameters(around):
            return int(call.site)
        call, function, name = outer, around, given.id
    return int(own)


def _definition(call: Entered, site: Any) -> ast.FunctionDef | None:
    try:
        tree = ast.parse(site.source.text)
    except (SyntaxError, ValueError):  # the text as written is not what was run
        return None
    for node in ast.walk(tree):
        near = isinstance(node, ast.FunctionDef) and abs(node.lineno - call.line) <= _DECORATORS
        if near and node.name == call.function:  # type: ignore[attr-defined]
            return node  # type: ignore[return-value]
    return None


def _parameters(function: ast.FunctionDef) -> list[str]:
    return [a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]


def _mode(function: ast.FunctionDef, line: int) -> str:
    """The parameter on which it depends whether a line is reached."""
    names = set(_parameters(function)[1:] if _parameters(function)[:1] == ["self"] else _parameters(function))
    for node in ast.walk(function):
        if not isinstance(node, ast.If | ast.IfExp):
            continue
        tested = {x.id for x in ast.walk(node.test) if isinstance(x, ast.Name)} & names
        within = node.lineno <= line <= int(node.end_lineno or line)
        left = isinstance(node, ast.If) and node.lineno < line and isinstance(node.body[-1], ast.Return)
        if len(tested) == 1 and (within or left):
            return tested.pop()
    return ""


def _argument(call: ast.AST, function: ast.FunctionDef, name: str) -> ast.expr | None:
    """What a call gives for a parameter; None where it leaves the default."""
    if not isinstance(call, ast.Call):
        return None
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    parameters = _parameters(function)
    at = parameters.index(name) - (parameters[:1] == ["self"])
    return call.args[at] if 0 <= at < len(call.args) else None
