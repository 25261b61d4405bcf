"""A parameter that nothing updates: an update put together from the forward pass and from other updates."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from bpdoctor.fix.missing import parsed
from bpdoctor.fix.remedies import Change, Remedy, Trouble, Update
from bpdoctor.fix.text import Text, plain, target_of
from bpdoctor.fix.writing import bare
from bpdoctor.fix.zeros import last_name, names, numpy_name, read_in

_NAME = re.compile(r"`([^`]+)` (serves as (weights|bias)|never changes: the error)")
_SIGNS = {ast.Add: "+=", ast.Sub: "-="}
_DELTA = re.compile(r"^(g_?)?(d|delta|err|grad|back|e\d)|delta|err|grad", re.IGNORECASE)
_MOST = 3


def updated(trouble: Trouble) -> Iterator[Change]:
    """``W -= rate * (x.T @ delta)``, with the rate and the sign of another update."""
    found = _NAME.search(trouble.message)
    parameter = parsed(found[1]) if found is not None else None
    if found is None or parameter is None or not trouble.updates:
        return
    last = max(trouble.updates, key=lambda u: u.statement.lineno)
    rule = _rate(last, trouble.updates)
    if {*trouble.factors} <= {1.0}:
        rule = _sign(last)[0], ""
    if rule is None or not rule[0]:
        return
    product, deltas = _product(trouble, found[1]), list(_deltas(trouble, found[1]))
    for delta in dict.fromkeys(deltas):
        for gradient in (
            _of_bias(trouble, delta) if product is None else _of_weights(*product, delta, numpy_name(trouble.text))
        ):
            line = (
                f"{found[1]} {rule[0]} {rule[1]} * {gradient}" if rule[1] else f"{found[1]} {rule[0]} {bare(gradient)}"
            )
            yield Change(f"add `{line}`", (last.text.after(last.statement, line),))


def _rate(update: Update, among: tuple[Update, ...]) -> tuple[str, str] | None:
    """Operator and rate of an update: the factor that it shares with others, or a number."""
    sign, value = _sign(update)
    target = target_of(update.statement)
    everywhere = [ast.unparse(u.statement) for u in among]
    factors = [f for f in _factors(value) if not _reads(f, target)] if value is not None else []
    shared = [f for f in factors if all(ast.unparse(f) in text for text in everywhere)]
    number = next((f for f in [*shared, *factors] if len(among) > 1 or not plain(f)), None)
    return (sign, update.text.source(number)) if sign and number is not None else None


def _sign(update: Update) -> tuple[str, ast.expr | None]:
    """The operator of an update, and what is added or subtracted."""
    target, value = target_of(update.statement), getattr(update.statement, "value", None)
    if isinstance(update.statement, ast.AugAssign):
        return _SIGNS.get(type(update.statement.op), ""), value
    if isinstance(value, ast.BinOp) and target is not None and ast.unparse(value.left) == ast.unparse(target):
        return _SIGNS.get(type(value.op), ""), value.right
    return "", None


def _factors(node: ast.expr) -> Iterator[ast.expr]:
    """What is multiplied, from the left, without what is computed of arrays."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.MatMult):
        yield from _factors(node.left)
        yield from _factors(node.right)
    elif not any(isinstance(n, ast.Call | ast.MatMult) for n in ast.walk(node)):
        yield node


def _reads(node: ast.expr, other: ast.expr | None) -> bool:
    return other is not None and ast.unparse(other) in ast.unparse(node)


def _product(trouble: Trouble, name: str) -> tuple[str, str, ast.expr] | None:
    """(input, the side it stands on, the product) of the product with weights that the finding shows."""
    statement = trouble.statement
    for mark in trouble.nearby() if statement is None else [statement, *trouble.nearby()]:
        for node in ast.walk(mark):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult | ast.Mult):
                operands = [node.left, node.right]
            elif isinstance(node, ast.Call) and last_name(node.func) in ("dot", "matmul", "outer"):
                owner = node.func.value if isinstance(node.func, ast.Attribute) and len(node.args) == 1 else None
                operands = [*([owner] if owner is not None else []), *node.args]
            else:
                continue
            # ``-x @ w`` is ``-(x @ w)``.
            unsigned = [o.operand if isinstance(o, ast.UnaryOp) else o for o in operands]
            texts = [trouble.text.source(o) for o in unsigned]
            if len(texts) == 2 and name in texts:
                return texts[1 - texts.index(name)], "left" if texts.index(name) else "right", node
    return None


def _of_weights(value: str, side: str, node: ast.expr, delta: str, numpy: str) -> Iterator[str]:
    turned = f"{value}.T" if re.fullmatch(r"[\w.\[\]'\"]+", value) else f"({value}).T"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield f"{delta} * {value}"
        yield f"({turned} * {delta})" if side == "left" else f"({delta} * {turned})"
        return
    yield f"({turned} @ {delta})" if side == "left" else f"({delta} @ {turned})"
    yield f"{numpy}.outer({value}, {delta})" if side == "left" else f"{numpy}.outer({delta}, {value})"


def _of_bias(trouble: Trouble, delta: str) -> Iterator[str]:
    """Sums over the samples, as other biases of the program have them first."""
    texts = " ".join(ast.unparse(n) for n in ast.walk(trouble.text.tree) if isinstance(n, ast.Assign | ast.AugAssign))
    forms = [".sum(axis=0)", ".sum(axis=0, keepdims=True)", ".sum(axis=1, keepdims=True)", ".sum()", ""]
    yield from (f"{delta}{form}" for form in sorted(forms, key=lambda form: form[1:] not in texts or not form))


def _deltas(trouble: Trouble, name: str) -> Iterator[str]:
    """What the error of the sum may be called: what the updates of its other terms are made from, then any error."""
    text, statement = trouble.text, trouble.statement
    if "the error that reaches it" in trouble.message and (target := target_of(statement)) is not None:
        yield from names(text, target)
    beside = {text.source(n) for n in ast.walk(statement) if plain(n)} if statement is not None else set()
    rates = {u.text.source(f) for u in trouble.updates for f in _common(u, trouble.updates)}
    for update in trouble.updates:
        target = target_of(update.statement)
        if target is None or update.text.source(target) not in beside or update.text.source(target) == name:
            continue
        yield from _traced(update.text, [r for r in _read(update) if r not in beside | rates])
    made = [t for n in ast.walk(text.tree) if isinstance(n, ast.Assign) for t in n.targets]
    last = [n for t in made for n in names(text, t) if _DELTA.search(last_name(parsed(n) or ast.Constant(0)))]
    used = {source for u in trouble.updates for source in _read(u)}
    nearest = [*reversed(last)]
    yield from sorted(nearest, key=lambda n: n in used)[:_MOST]


def _read(update: Update) -> list[str]:
    """What an update reads, each as its own file writes it."""
    return [update.text.source(n) for n in read_in(getattr(update.statement, "value", update.statement))]


def _traced(text: Text, read: list[str]) -> Iterator[str]:
    """Names of errors; of a gradient that has a name the error that it is made from."""
    for name in read:
        made = [n for n in ast.walk(text.tree) if isinstance(n, ast.Assign) and name in names(text, n.targets[0])]
        whole = [n for n in made if ".sum(" in ast.unparse(n)]
        for assigned in whole:
            yield from (text.source(n) for n in read_in(assigned.value) if text.source(n) != numpy_name(text))
        if not whole:
            yield name


def _common(update: Update, among: tuple[Update, ...]) -> list[ast.expr]:
    rule = _rate(update, among)
    value = getattr(update.statement, "value", None)
    return [f for f in _factors(value) if rule is not None and ast.unparse(f) == rule[1]] if value is not None else []


REMEDIES = (Remedy(("parameter-never-updated",), updated),)
