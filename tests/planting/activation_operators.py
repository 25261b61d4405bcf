"""Faults in the factor f' of a layer's delta, from `act` hints.

`#@ act f=NAME d=DERIVATIVE a=ACTIVATION z=PRE-ACTIVATION`: `d` is the factor as it stands in the statement.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.planting.edits import Program, find, pretty, put, within
from tests.planting.markers import Spec
from tests.planting.planted import Draft

WRONG = {
    "sigmoid": ("(1 - {a})", "{a}", "(1 - {a} ** 2)", "{a} * (1 + {a})", "{a} ** 2", "({a} > 0)"),
    "tanh": ("(1 - {a})", "{a}", "{a} * (1 - {a})", "(1 + {a} ** 2)", "({a} > 0)"),
    "relu": ("({z} < 0)", "{z}", "({a} >= 0)", "({a} > 1)", "{z} * (1 - {z})"),
    "leaky": ("{z}", "({z} < 0)"),
    "smooth": ("{z}", "{a}", "(1 - {a} ** 2)", "{a} * (1 - {a})"),
}
SLOPES = {"leaky": "({z} > 0)", "smooth": "({z} > 0)"}


def _upstream(program: Program, node: ast.expr) -> tuple[ast.AST, ast.expr] | None:
    """The product that holds the factor, and its other operand."""
    parent = program.parents[node]
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mult):
        return parent, parent.right if node is parent.left else parent.left
    is_multiply = isinstance(parent, ast.Call) and ast.unparse(parent.func).endswith("multiply")
    if is_multiply and len(parent.args) == 2:
        return parent, parent.args[0 if node is parent.args[1] else 1]
    return None


def _whole(program: Program, node: ast.expr, spec: Spec) -> Iterator[Draft]:
    """The factor left out, or alone."""
    found = _upstream(program, node)
    parent = program.parents[node]
    if found:
        product, other = found
        yield Draft(
            "missing-activation-derivative", "drop", (put(program, product, program.source(other)),), spec
        )
        yield Draft(
            "missing-upstream-gradient", "alone", (put(program, product, program.source(node)),), spec
        )
    elif isinstance(parent, ast.AugAssign) and isinstance(parent.op, ast.Mult):
        whole = f"{program.source(parent.target)} = {program.source(node)}"
        yield Draft("missing-activation-derivative", "delete", ((*program.span(parent), "pass"),), spec, (0,))
        yield Draft("missing-upstream-gradient", "assign", ((*program.span(parent), whole),), spec)


def _switched(program: Program, node: ast.expr, spec: Spec) -> Iterator[Draft]:
    """f' evaluated at the other of a and z."""
    a, z = spec.get("a"), spec.get("z")
    if not (a and z) or spec.get("f") not in ("sigmoid", "tanh", "smooth"):
        return
    if find(node, a):
        text = within(program, node, a, pretty(z))
        yield Draft("activation-formula-on-preactivation", "a-to-z", (put(program, node, text),), spec)
    elif find(node, z):
        text = within(program, node, z, pretty(a))
        yield Draft("double-activation-derivative", "z-to-a", (put(program, node, text),), spec)


def _of_gradient(program: Program, node: ast.expr, spec: Spec) -> Iterator[Draft]:
    """f' evaluated at the upstream gradient."""
    found = _upstream(program, node)
    if not found:
        return
    for name in (spec.get("a"), spec.get("z")):
        if name and find(node, name):
            text = within(program, node, name, program.source(found[1]))
            yield Draft("activation-derivative-of-gradient", "of-upstream", (put(program, node, text),), spec)
            return


def _wrong(program: Program, node: ast.expr, spec: Spec) -> Iterator[Draft]:
    """Another formula in its place."""
    kind = spec.get("f")
    names = {k: pretty(v) for k in "az" if (v := spec.get(k))}
    rows = [("wrong-activation-derivative", form) for form in WRONG.get(kind, ())]
    if kind in SLOPES:
        rows.append(("activation-slope-mismatch", SLOPES[kind]))
    for slug, form in rows:
        if all(k in names for k in "az" if "{" + k + "}" in form):
            yield Draft(slug, "form " + form, (put(program, node, form.format(**names)),), spec)


def activation(program: Program, spec: Spec) -> Iterator[Draft]:
    """All faults of one derivative factor."""
    found = find(program.statement(spec.line), spec.get("d"))
    if not found:
        raise LookupError(f"line {spec.line}: no {spec.get('d')}")
    for make in (_whole, _switched, _of_gradient, _wrong):
        yield from make(program, found[0], spec)
