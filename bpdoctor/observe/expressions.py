"""Expressions that report themselves: each that can yield a number becomes a call of a hook."""

from __future__ import annotations

import ast
from typing import cast

from bpdoctor.model.record import record
from bpdoctor.observe.sites import Sites, SourceFile
from bpdoctor.observe.trees import clone, is_literal, is_text, locate, located, original

HOOK = "__bp__"
# Reading these attributes of an array makes a new array that shares or copies its numbers.
ARRAY_ATTRIBUTES = frozenset({"T", "mT", "flat", "real", "A", "A1", "H", "I"})


# Operations that a minus before their first operand comes out of.
_ODD = (ast.Mult, ast.MatMult, ast.Div, ast.Sub)


@record
class Named:
    """Functions that the user named: `step` reports its calls, `loss` what it returns."""

    step: str = ""
    loss: str = ""


NOBODY = Named()


class Expressions(ast.NodeTransformer):
    """The expressions of one scope."""

    def __init__(
        self, source: SourceFile, sites: Sites, scope: str, *, generator: bool = False, named: Named = NOBODY
    ) -> None:
        self.source = source
        self.sites = sites
        self.scope = scope
        self.generator = generator
        self.named = named
        self.statement: ast.stmt | None = None
        self.temporaries = 0

    def site(self, node: ast.AST) -> ast.expr:
        """A literal with the number of a new site for `node`."""
        statement = original(self.statement) if self.statement is not None else None
        number = self.sites.add(self.source, original(node), self.scope, statement)
        return located(ast.Constant(number), node)

    def hook(self, name: str, at: ast.AST, *args: ast.expr) -> ast.Call:
        """``__bp__.name(site, *args)`` located at `at`."""
        base = located(ast.Name(HOOK, ast.Load()), at)
        function = located(ast.Attribute(base, name, ast.Load()), at)
        return located(ast.Call(function, [self.site(at), *args], []), at)

    def temporary(self, at: ast.AST) -> str:
        """A fresh local name that no user writes."""
        self.temporaries += 1
        return f"__bp_{self.temporaries}"

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if is_text(node.left) or is_text(node.right):
            return cast(ast.expr, self.generic_visit(node))
        literal = ast.Constant(is_literal(node.left) + 2 * is_literal(node.right))
        left, right = self.operand(node.left), self.operand(node.right)
        name = located(ast.Constant(type(node.op).__name__), node)
        if isinstance(node.op, _ODD) and _negated(node.left):
            inner = self.site(_positive(node, self.source))
            return self.hook("negated", node, name, left, right, located(literal, node), inner)
        return self.hook("binop", node, name, left, right, located(literal, node))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        if isinstance(node.op, ast.Not) or is_literal(node):
            return node if is_literal(node) else cast(ast.expr, self.generic_visit(node))
        name = located(ast.Constant(type(node.op).__name__), node)
        return self.hook("unary", node, name, self.visit(node.operand))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        if len(node.ops) > 1 or isinstance(node.ops[0], ast.Is | ast.IsNot | ast.In | ast.NotIn):
            return cast(ast.expr, self.generic_visit(node))
        name = located(ast.Constant(type(node.ops[0]).__name__), node)
        return self.hook("compare", node, name, self.operand(node.left), self.operand(node.comparators[0]))

    def operand(self, node: ast.expr) -> ast.expr:
        """A literal operand stays a constant; anything else is observed."""
        return node if isinstance(node, ast.Constant) else cast(ast.expr, self.visit(node))

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        # Equal float literals of a module are one object; identity is provenance, so make each its own.
        return self.hook("literal", node, node) if isinstance(node.value, float) else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        function = self.hook("callee", node, self.visit(node.func))
        args = [self.argument(a) for a in node.args]
        keywords = [located(ast.keyword(k.arg, self.visit(k.value)), k) for k in node.keywords]
        return located(ast.Call(function, args, keywords), node)

    def argument(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Starred):
            value = self.hook("rows", node.value, self.visit(node.value))
            return located(ast.Starred(value, ast.Load()), node)
        return cast(ast.expr, self.visit(node))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.attr in ARRAY_ATTRIBUTES:
            name = located(ast.Constant(node.attr), node)
            return self.hook("attribute", node, self.visit(node.value), name)
        return cast(ast.expr, self.generic_visit(node))

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if not isinstance(node.ctx, ast.Load):
            return cast(ast.expr, self.generic_visit(node))
        return self.hook("getitem", node, self.visit(node.value), self.key(node.slice))

    def key(self, node: ast.expr) -> ast.expr:
        """A subscript as an ordinary expression: slices become ``slice(...)``."""
        if isinstance(node, ast.Slice):
            parts = [self.visit(p) if p else ast.Constant(None) for p in (node.lower, node.upper, node.step)]
            base = ast.Attribute(ast.Name(HOOK, ast.Load()), "slice", ast.Load())
            return locate(ast.Call(base, parts, []), node)
        if isinstance(node, ast.Tuple):
            return located(ast.Tuple([self.key(e) for e in node.elts], ast.Load()), node)
        return cast(ast.expr, self.argument(node) if isinstance(node, ast.Starred) else self.visit(node))

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        rows = self.hook("rows", node.iter, self.visit(node.iter))
        return ast.comprehension(node.target, rows, [self.visit(i) for i in node.ifs], node.is_async)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        value = self.hook("store", node, self.visit(node.value), ast.Constant(node.target.id))
        return located(ast.NamedExpr(node.target, value), node)

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.expr:
        out = clone(node)
        out.value = self.hook("use", node.value, self.visit(node.value))
        return out

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        values = [self.visit(v) if isinstance(v, ast.FormattedValue) else v for v in node.values]
        return located(ast.JoinedStr(values), node)


def _negated(node: ast.expr) -> bool:
    """Whether an expression begins with a minus that belongs to its first operand: ``-x @ w - b``."""
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and not is_literal(node)
    return isinstance(node, ast.BinOp) and isinstance(node.op, _ODD) and _negated(node.left)


def _positive(node: ast.BinOp, source: SourceFile) -> ast.BinOp:
    """The expression without the minus, where it stands in the text; all of it where brackets stand between."""
    first: ast.expr = node.left
    while isinstance(first, ast.BinOp):
        first = first.left
    bare = original(node)
    out = ast.BinOp(bare.left, bare.op, bare.right)
    located(out, bare)
    operand = original(first).operand if isinstance(first, ast.UnaryOp) else first
    out.lineno, out.col_offset = operand.lineno, operand.col_offset
    try:
        ast.parse(f"({source.segment(out)})", mode="eval")
    except SyntaxError:
        located(out, bare)
    return out
