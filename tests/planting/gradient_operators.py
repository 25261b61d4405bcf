"""Faults in matrix products, bias sums, scales, the output delta and terms of a gradient."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.planting.edits import Program, find, head, pretty, put
from tests.planting.markers import Spec
from tests.planting.planted import Draft


def _one(program: Program, spec: Spec, text: str) -> ast.expr:
    statement = program.statement(spec.line)
    if text == "RHS":
        return statement.value  # type: ignore[attr-defined]
    found = find(statement, text)
    if not found:
        raise LookupError(f"line {spec.line}: no {text}")
    return found[0]


def error(program: Program, spec: Spec) -> Iterator[Draft]:
    """`err e=DELTA raw=ERROR w=W.T`: what flows back from the layer above."""
    if spec.get("raw"):
        node = _one(program, spec, spec.get("e"))
        yield Draft("backpropagated-error-wrong", "raw-error", (put(program, node, pretty(spec.get("raw"))),), spec)
    if spec.get("w"):
        node = _one(program, spec, spec.get("w"))
        is_t = isinstance(node, ast.Attribute) and node.attr == "T"
        text = program.source(node.value) if is_t else program.source(node) + ".T"
        yield Draft("transposed-weights", "transpose", (put(program, node, text),), spec)


def weight(program: Program, spec: Spec) -> Iterator[Draft]:
    """`wg x=INPUT bad=A,B`: a weight gradient."""
    node = _one(program, spec, spec.get("x"))
    for bad in filter(None, spec.get("bad").split(",")):
        yield Draft("weight-gradient-wrong-input", f"from {bad}", (put(program, node, pretty(bad)),), spec)


def _sums(program: Program, spec: Spec) -> list[ast.Call]:
    calls = [n for n in head(program.statement(spec.line)) if isinstance(n, ast.Call)]
    return [c for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr in ("sum", "mean")]


def _axis(call: ast.Call) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == "axis":
            return keyword.value
    at = 1 if ast.unparse(call.func).startswith(("np.", "numpy.")) else 0
    return call.args[at] if len(call.args) > at else None


def bias(program: Program, spec: Spec) -> Iterator[Draft]:
    """`bg n=N`: a bias gradient, a sum over the batch."""
    for call in _sums(program, spec):
        end = program.span(call.func)[1]
        other = "mean" if call.func.attr == "sum" else "sum"  # type: ignore[attr-defined]
        name = call.func.attr  # type: ignore[attr-defined]
        yield Draft("bias-gradient-scale", f"{name}-to-{other}", ((end - len(name), end, other),), spec)
        axis = _axis(call)
        if axis is not None and ast.unparse(axis) in ("0", "1"):
            swapped = "1" if ast.unparse(axis) == "0" else "0"
            yield Draft("bias-gradient-axis", f"axis={swapped}", ((*program.span(axis), swapped),), spec)
            inner = ast.unparse(call.func) if not call.args or axis in call.args[:1] else ""
            text = f"{inner}()" if inner else f"{ast.unparse(call.func)}({program.source(call.args[0])})"
            yield Draft("bias-gradient-axis", "scalar", (put(program, call, text),), spec)
    if spec.get("n"):
        yield from _quotients(program, spec, "bias-gradient-scale", twice=False)


def _quotients(program: Program, spec: Spec, slug: str, twice: bool) -> Iterator[Draft]:
    number = spec.get("n")
    uniform = spec.get("u") == "1"
    for node in head(program.statement(spec.line)):
        is_quotient = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and find(node.right, number)
        if not is_quotient:
            continue
        yield Draft(slug, "no-1/n", (put(program, node, program.source(node.left)),), spec, uniform=uniform)
        if twice:
            text = f"{program.source(node)} / {pretty(number)}"
            yield Draft(slug, "1/n-twice", (put(program, node, text),), spec, uniform=uniform)
        return
    raise LookupError(f"line {spec.line}: nothing divided by {number}")


def scale(program: Program, spec: Spec) -> Iterator[Draft]:
    """`scale n=N u=1`: a division by the batch size (u: common to all parameters)."""
    yield from _quotients(program, spec, "gradient-scale", twice=True)


def delta(program: Program, spec: Spec) -> Iterator[Draft]:
    """`delta out=P`: a fused output delta, multiplied by s(1-s) once more."""
    node = program.statement(spec.line).value  # type: ignore[attr-defined]
    out, text = pretty(spec.get("out")), program.source(node)
    product = f"{text if isinstance(node, (ast.Name, ast.Call)) else f'({text})'} * {out} * (1 - {out})"
    yield Draft("unneeded-output-derivative", "times s(1-s)", (put(program, node, product),), spec)


def _without(program: Program, node: ast.expr) -> tuple[int, int, str] | None:
    """The edit that removes one operand of a sum or product."""
    parent = program.parents[node]
    if isinstance(parent, ast.BinOp):
        other = parent.right if node is parent.left else parent.left
        sign = "-" if node is parent.left and isinstance(parent.op, ast.Sub) else ""
        return put(program, parent, sign + program.source(other))
    return None


def drop(program: Program, spec: Spec) -> Iterator[Draft]:
    """`drop slug=… term=T`: an addend or factor left out."""
    edit = _without(program, _one(program, spec, spec.get("term")))
    if edit is None:
        raise LookupError(f"line {spec.line}: {spec.get('term')} is no operand")
    yield Draft(spec.get("slug"), "drop-term", (edit,), spec, uniform=spec.get("u") == "1")


def negate(program: Program, spec: Spec) -> Iterator[Draft]:
    """`neg slug=… term=T`: a term with the wrong sign."""
    node = _one(program, spec, spec.get("term"))
    yield Draft(spec.get("slug"), "negate", (put(program, node, f"-({program.source(node)})"),), spec)


def regularisation(program: Program, spec: Spec) -> Iterator[Draft]:
    """`reg term=T`: the regularisation term of a gradient."""
    node = _one(program, spec, spec.get("term"))
    edit = _without(program, node)
    statement = program.statement(spec.line)
    if edit:
        yield Draft("regularisation-gradient-missing", "drop-term", (edit,), spec)
    elif isinstance(statement, ast.AugAssign):
        yield Draft("regularisation-gradient-missing", "delete", ((*program.span(statement), "pass"),), spec, (0,))
    source = program.source(node)
    yield Draft("regularisation-gradient-sign", "negate", (put(program, node, f"-({source})"),), spec)
    yield Draft("regularisation-gradient-scale", "double", (put(program, node, f"2 * ({source})"),), spec)
