"""Faults in the factor f' of a layer's delta, from `act` hints.

`#@ act f=NAME d=DERIVATIVE a=ACTIVATION z=PRE-ACTIVATION`: `d` is the factor as it stands in the statement.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tests.planting.edits import Edit, Program, expression, find, head, pretty, put, shape, within
from tests.planting.markers import Spec
from tests.planting.planted import Draft

WRONG = {
    "sigmoid": ("(1 - {a})", "{a}", "(1 - {a} ** 2)", "{a} * (1 + {a})", "{a} ** 2"),
    "tanh": ("(1 - {a})", "{a}", "{a} * (1 - {a})", "(1 + {a} ** 2)", "({a} > 0)"),
    "relu": ("({z} < 0)", "{z}", "({a} >= 0)", "({a} > 1)", "{z} * (1 - {z})"),
    "leaky": ("{z}", "({z} < 0)"),
    "smooth": ("{z}", "{a}", "(1 - {a} ** 2)", "{a} * (1 - {a})"),
}
SLOPES = {"leaky": "({z} > 0)", "smooth": "({z} > 0)"}


@dataclass(frozen=True)
class Site:
    """Where a factor f' stands: as one operand, or as the last two factors of a chain `e * a * (1 - a)`."""

    program: Program
    node: ast.expr
    derivative: str
    chain: bool = False

    @property
    def product(self) -> ast.AST | None:
        """The product that holds the factor."""
        if self.chain:
            return self.node
        parent = self.program.parents[self.node]
        is_product = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mult)
        is_call = isinstance(parent, ast.Call) and ast.unparse(parent.func).endswith("multiply")
        return parent if is_product or (is_call and len(parent.args) == 2) else None

    @property
    def upstream(self) -> ast.expr:
        """The other operand of the product."""
        if self.chain:
            return self.node.left.left  # type: ignore[attr-defined]
        product = self.product
        if isinstance(product, ast.Call):
            return product.args[0 if self.node is product.args[1] else 1]
        return product.right if self.node is product.left else product.left  # type: ignore[union-attr]

    def replace(self, text: str) -> Edit:
        """Another factor in its place."""
        if not self.chain:
            return put(self.program, self.node, text)
        bare = isinstance(expression(text), (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.BinOp))
        factor = text if bare and not isinstance(getattr(expression(text), "op", None), ast.Sub) else f"({text})"
        upstream = self.program.source(self.upstream)
        is_sum = isinstance(self.upstream, ast.BinOp) and isinstance(self.upstream.op, ast.Add | ast.Sub)
        return put(self.program, self.node, f"({upstream}) * {factor}" if is_sum else f"{upstream} * {factor}")

    def mentions(self, name: str) -> bool:
        """Whether the factor reads a value."""
        return bool(name) and bool(find(expression(self.derivative), name))

    def reading(self, old: str, new: str) -> str:
        """The factor with one value read in place of another."""
        alone = Program(self.derivative)
        return within(alone, alone.tree.body[0].value, old, new)  # type: ignore[attr-defined]


def _site(program: Program, spec: Spec) -> Site:
    statement, wanted = program.statement(spec.line), spec.get("d")
    found = find(statement, wanted)
    if found:
        return Site(program, found[0], program.source(found[0]))
    pair = expression(wanted)
    for node in head(statement):
        is_chain = isinstance(node, ast.BinOp) and isinstance(node.left, ast.BinOp) and isinstance(pair, ast.BinOp)
        if is_chain and isinstance(node.op, ast.Mult) and isinstance(node.left.op, ast.Mult):
            same = shape(node.right) == shape(pair.right) and shape(node.left.right) == shape(pair.left)
            if same:
                return Site(program, node, pretty(wanted), chain=True)
    raise LookupError(f"line {spec.line}: no {wanted}")


def _whole(site: Site, spec: Spec) -> Iterator[Draft]:
    """The factor left out, or alone."""
    program = site.program
    if site.product:
        other = put(program, site.product, program.source(site.upstream))  # type: ignore[arg-type]
        yield Draft("missing-activation-derivative", "drop", (other,), spec)
        alone = put(program, site.product, site.derivative)  # type: ignore[arg-type]
        yield Draft("missing-upstream-gradient", "alone", (alone,), spec)
        return
    parent = program.parents[site.node]
    if isinstance(parent, ast.AugAssign) and isinstance(parent.op, ast.Mult):
        whole = f"{program.source(parent.target)} = {site.derivative}"
        yield Draft("missing-activation-derivative", "delete", ((*program.span(parent), "pass"),), spec, (0,))
        yield Draft("missing-upstream-gradient", "assign", ((*program.span(parent), whole),), spec)


def _switched(site: Site, spec: Spec) -> Iterator[Draft]:
    """f' evaluated at the other of a and z."""
    a, z = spec.get("a"), spec.get("z")
    if not (a and z) or spec.get("f") not in ("sigmoid", "tanh", "smooth"):
        return
    if site.mentions(a):
        edit = site.replace(site.reading(a, pretty(z)))
        yield Draft("activation-formula-on-preactivation", "a-to-z", (edit,), spec)
    elif site.mentions(z):
        edit = site.replace(site.reading(z, pretty(a)))
        yield Draft("double-activation-derivative", "z-to-a", (edit,), spec)


def _of_gradient(site: Site, spec: Spec) -> Iterator[Draft]:
    """f' evaluated at the upstream gradient."""
    if not site.product:
        return
    for name in (spec.get("a"), spec.get("z")):
        if site.mentions(name):
            edit = site.replace(site.reading(name, site.program.source(site.upstream)))
            yield Draft("activation-derivative-of-gradient", "of-upstream", (edit,), spec)
            return


def _wrong(site: Site, spec: Spec) -> Iterator[Draft]:
    """Another formula in its place."""
    kind = spec.get("f")
    names = {k: pretty(v) for k in "az" if (v := spec.get(k))}
    rows = [("wrong-activation-derivative", form) for form in WRONG.get(kind, ())]
    if kind in SLOPES:
        rows.append(("activation-slope-mismatch", SLOPES[kind]))
    for slug, form in rows:
        if all(k in names for k in "az" if "{" + k + "}" in form):
            yield Draft(slug, "form " + form, (site.replace(form.format(**names)),), spec)


def activation(program: Program, spec: Spec) -> Iterator[Draft]:
    """All faults of one derivative factor."""
    site = _site(program, spec)
    for make in (_whole, _switched, _of_gradient, _wrong):
        yield from make(site, spec)
