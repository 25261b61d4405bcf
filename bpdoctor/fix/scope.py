"""Names and small expressions that can be written at a place, with the values they have there."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np

from bpdoctor.fix.search import Term
from bpdoctor.model.tape import CONST

_LONGEST = 48


def terms_in_scope(trials: Sequence[Any], key: tuple[int, int], sites: Any) -> list[Term]:
    """Operands written in the same function up to the guilty expression, its own operands first.

    Notes
    -----
    A text is usable only when it names one value: a name that is bound again before the guilty
    expression keeps its latest binding.
    """
    view = trials[0].view
    guilty = view.by_key[key]
    scope = sites[key[0]].scope
    found: dict[str, tuple[tuple[int, int], int]] = {}
    order: list[str] = []
    for n in range(view.step.start, guilty + 1):
        node = view.tape.nodes[n]
        site = sites[node.site]
        if site.scope != scope or (n not in view.masks and not node.inputs):
            continue
        for text, operand in operand_texts(site.node, len(node.inputs), site.source.text, calls=n == guilty):
            source = node.inputs[operand]
            if source == CONST or (len(text) > _LONGEST and n != guilty):
                continue
            name = view.keys.get(n)
            if name is not None:
                found[text] = (name, operand)
                order.append(text)
    ranked = list(dict.fromkeys(reversed(order)))
    out = []
    for text in ranked:
        values = _values(trials, *found[text])
        if values is not None:
            out.append(Term(text, values, _is_atom(text)))
    return out


def operand_texts(node: ast.AST, count: int, source: str, *, calls: bool = False) -> list[tuple[str, int]]:
    """(text, operand index) for the operands of a recorded expression that are written out.

    Operands that call something are left out, unless the expression itself is to be rewritten: then
    they are called once as before.
    """
    operands: list[ast.expr] = []
    if isinstance(node, ast.BinOp):
        operands = [node.left, node.right]
    elif isinstance(node, ast.UnaryOp):
        operands = [node.operand]
    elif isinstance(node, ast.Compare) and len(node.comparators) == 1:
        operands = [node.left, node.comparators[0]]
    elif isinstance(node, ast.Attribute | ast.Subscript):
        operands = [node.value]
    elif isinstance(node, ast.Call):
        operands = list(node.args)
        if isinstance(node.func, ast.Attribute) and len(operands) < count:
            operands = [node.func.value, *operands]
    out = []
    for i, operand in enumerate(operands[:count]):
        simple = calls or all(not isinstance(n, ast.Call | ast.Lambda) for n in ast.walk(operand))
        text = ast.get_source_segment(source, operand)
        if simple and text and "\n" not in text and not isinstance(operand, ast.Constant | ast.Starred):
            out.append((text, i))
    return out


def _values(trials: Sequence[Any], key: tuple[int, int], operand: int) -> tuple[Any, ...] | None:
    out = []
    for trial in trials:
        n = trial.view.by_key.get(key)
        if n is None:
            return None
        source = trial.view.tape.nodes[n].inputs[operand]
        if source == CONST:
            return None
        out.append(np.asarray(trial.view.tape.values[source], dtype=np.float64))
    return tuple(out)


def _is_atom(text: str) -> bool:
    node = ast.parse(text.strip(), mode="eval").body
    return isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call)
