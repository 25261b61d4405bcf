"""A softmax of a softmax: one of the two taken out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import Function, Text
from bpdoctor.fix.zeros import last_name


def once(trouble: Trouble) -> Iterator[Change]:
    """Calls replaced by what they are given, and quotients of exponentials by what is under them."""
    text = trouble.text
    for statement in trouble.nearby():
        for node in ast.walk(statement):
            logits = _logits(node)
            if logits is not None:
                yield _replaced(text, node, logits)
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords and _own(text, node):
                yield _replaced(text, node, node.args[0])
    home = text.function(trouble.place)
    if isinstance(home, Function):
        calls = [n for n in ast.walk(text.tree) if isinstance(n, ast.Call) and last_name(n.func) == home.name]
        for call in reversed(calls):
            if len(call.args) == 1:
                yield _replaced(text, call, call.args[0])


def _own(text: Text, call: ast.Call) -> bool:
    """Whether a function of this file is called."""
    return any(isinstance(n, Function) and n.name == last_name(call.func) for n in ast.walk(text.tree))


def _logits(node: ast.AST) -> ast.expr | None:
    """``z`` of ``np.exp(z) / np.sum(np.exp(z), …)``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.left, ast.Call):
        power = node.left
        divides = any(isinstance(n, ast.Call) and last_name(n.func) == "sum" for n in ast.walk(node.right))
        return power.args[0] if last_name(power.func) == "exp" and power.args and divides else None
    return None


def _replaced(text: Text, node: ast.AST, by: ast.expr) -> Change:
    written = text.source(by)
    written = written if isinstance(by, ast.Name | ast.Call | ast.Attribute | ast.Subscript) else f"({written})"
    return Change(f"write `{written}`", (text.replaced(node, written),))  # type: ignore[arg-type]


REMEDIES = (Remedy(("double-softmax",), once),)
