"""Source to source: every expression that can yield a number reports itself to the recorder.

Each function body and each loop body is kept twice, observed and plain, behind one test, so that
unrecorded steps run the user's own code. Line and column numbers are those of the original.
"""

from __future__ import annotations

import ast
from typing import Any, TypeVar, cast

from bpdoctor.observe.sites import Sites, SourceFile

HOOK = "__bp__"
# Reading these attributes of an array makes a new array that shares or copies its numbers.
ARRAY_ATTRIBUTES = frozenset({"T", "mT", "flat", "real", "A", "A1", "H", "I"})
_DECLARATIONS = (ast.Global, ast.Nonlocal)


N = TypeVar("N", bound=ast.AST)


def instrument(source: SourceFile, tree: ast.Module, sites: Sites) -> ast.Module:
    """Return a module that computes what `tree` computes and reports its expressions."""
    head, rest = _split_head(clone(tree).body)
    body = [*head, *Observer(source, sites, "<module>").block(rest)]
    return ast.fix_missing_locations(ast.Module(body=body, type_ignores=[]))


def clone(node: N) -> N:
    """Copy a tree; each copy remembers the node it was first copied from, which stays untouched."""
    new = cast(Any, node.__class__())
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            value = [clone(v) if isinstance(v, ast.AST) else v for v in value]
        elif isinstance(value, ast.AST):
            value = clone(value)
        setattr(new, name, value)
    ast.copy_location(new, node)
    new.original = _original(node)
    return cast(N, new)


def _original(node: N) -> N:
    return cast(N, getattr(node, "original", node))


def _split_head(body: list[ast.stmt]) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Separate the docstring and ``from __future__`` imports, which must stay first."""
    count = 0
    for statement in body:
        docstring = count == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not (docstring or future):
            break
        count += 1
    return body[:count], body[count:]


class _Plain(ast.NodeTransformer):
    """The plain variant: untouched, except that functions defined in it can be observed later."""

    def __init__(self, observer: Observer) -> None:
        self.observer = observer

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return self.observer.function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.stmt:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        return self.observer.visit_ClassDef(node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        return self.observer.visit_Lambda(node)


class Observer(ast.NodeTransformer):
    """Rewrites one scope; nested functions and classes get an observer of their own."""

    def __init__(self, source: SourceFile, sites: Sites, scope: str, *, generator: bool = False) -> None:
        self.source = source
        self.sites = sites
        self.scope = scope
        self.generator = generator
        self.statement: ast.stmt | None = None
        self.temporaries = 0

    # ---- building blocks

    def site(self, node: ast.AST) -> ast.expr:
        """A literal with the number of a new site for `node`."""
        statement = _original(self.statement) if self.statement is not None else None
        number = self.sites.add(self.source, _original(node), self.scope, statement)
        return ast.copy_location(ast.Constant(number), node)

    def hook(self, name: str, at: ast.AST, *args: ast.expr) -> ast.Call:
        """``__bp__.name(site, *args)`` located at `at`."""
        base = ast.copy_location(ast.Name(HOOK, ast.Load()), at)
        function = ast.copy_location(ast.Attribute(base, name, ast.Load()), at)
        return ast.copy_location(ast.Call(function, [self.site(at), *args], []), at)

    def temporary(self, at: ast.AST) -> str:
        """A fresh local name that no user writes."""
        self.temporaries += 1
        return f"__bp_{self.temporaries}"

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Observed variant of a list of statements."""
        out: list[ast.stmt] = []
        for statement in body:
            outer, self.statement = self.statement, statement
            result = self.visit(statement)
            self.statement = outer
            out.extend(result if isinstance(result, list) else [result])
        return out

    def plain(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Plain variant of a list of statements."""
        plain = _Plain(self)
        return [cast(ast.stmt, plain.visit(clone(s))) for s in body]

    def dual(self, body: list[ast.stmt], at: ast.AST) -> list[ast.stmt]:
        """``if __bp__.on: observed else: plain``."""
        base = ast.copy_location(ast.Name(HOOK, ast.Load()), at)
        test = ast.copy_location(ast.Attribute(base, "on", ast.Load()), at)
        observed, plain = self.block(body), self.plain(body)
        return [ast.copy_location(ast.If(test, observed, plain), at)]

    # ---- scopes

    def function(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Both variants of a function behind one test, declarations hoisted above them."""
        inner = Observer(
            self.source, self.sites, f"{self.scope}.{node.name}:{node.lineno}", generator=_yields(node.body)
        )
        docstring, rest = _split_head(node.body)
        declared = [d for d in ast.walk(ast.Module(rest, [])) if isinstance(d, _DECLARATIONS)] if rest else []
        own = [d for d in declared if _owned(rest, d)]
        rest = [_Undeclare().visit(clone(s)) for s in rest] if own else rest
        body = inner.dual(rest, rest[0]) if rest else []
        out = clone(node)
        out.body = [*docstring, *[clone(d) for d in own], *body]
        out.args = self.arguments(node.args)
        return out

    def arguments(self, args: ast.arguments) -> ast.arguments:
        out = clone(args)
        out.defaults = [self.stored(d) for d in out.defaults]
        out.kw_defaults = [self.stored(d) if d is not None else None for d in out.kw_defaults]
        return out

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return self.function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.stmt:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        inner = Observer(self.source, self.sites, f"{self.scope}.{node.name}")
        out = clone(node)
        head, rest = _split_head(node.body)
        out.body = [*head, *inner.block(rest)]
        return out

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        inner = Observer(self.source, self.sites, f"{self.scope}.<lambda>:{node.lineno}")
        inner.statement = self.statement
        base = ast.copy_location(ast.Name(HOOK, ast.Load()), node)
        test = ast.copy_location(ast.Attribute(base, "on", ast.Load()), node)
        plain = cast(ast.expr, _Plain(self).visit(clone(node.body)))
        body = ast.copy_location(ast.IfExp(test, inner.visit(clone(node.body)), plain), node)
        return ast.copy_location(ast.Lambda(self.arguments(node.args), body), node)

    # ---- expressions

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if _is_text(node.left) or _is_text(node.right):
            return cast(ast.expr, self.generic_visit(node))
        literal = ast.Constant(_is_literal(node.left) + 2 * _is_literal(node.right))
        left, right = self.operand(node.left), self.operand(node.right)
        name = ast.copy_location(ast.Constant(type(node.op).__name__), node)
        return self.hook("binop", node, name, left, right, ast.copy_location(literal, node))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        if isinstance(node.op, ast.Not) or _is_literal(node):
            return node if _is_literal(node) else cast(ast.expr, self.generic_visit(node))
        name = ast.copy_location(ast.Constant(type(node.op).__name__), node)
        return self.hook("unary", node, name, self.visit(node.operand))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        if len(node.ops) > 1 or isinstance(node.ops[0], ast.Is | ast.IsNot | ast.In | ast.NotIn):
            return cast(ast.expr, self.generic_visit(node))
        name = ast.copy_location(ast.Constant(type(node.ops[0]).__name__), node)
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
        keywords = [ast.copy_location(ast.keyword(k.arg, self.visit(k.value)), k) for k in node.keywords]
        return ast.copy_location(ast.Call(function, args, keywords), node)

    def argument(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Starred):
            value = self.hook("rows", node.value, self.visit(node.value))
            return ast.copy_location(ast.Starred(value, ast.Load()), node)
        return cast(ast.expr, self.visit(node))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.attr in ARRAY_ATTRIBUTES:
            name = ast.copy_location(ast.Constant(node.attr), node)
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
            return cast(ast.expr, _locate(ast.Call(base, parts, []), node))
        if isinstance(node, ast.Tuple):
            return ast.copy_location(ast.Tuple([self.key(e) for e in node.elts], ast.Load()), node)
        return cast(ast.expr, self.argument(node) if isinstance(node, ast.Starred) else self.visit(node))

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        rows = self.hook("rows", node.iter, self.visit(node.iter))
        return ast.comprehension(node.target, rows, [self.visit(i) for i in node.ifs], node.is_async)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        value = self.hook("store", node, self.visit(node.value), ast.Constant(node.target.id))
        return ast.copy_location(ast.NamedExpr(node.target, value), node)

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.expr:
        out = clone(node)
        out.value = self.hook("use", node.value, self.visit(node.value))
        return out

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        values = [self.visit(v) if isinstance(v, ast.FormattedValue) else v for v in node.values]
        return ast.copy_location(ast.JoinedStr(values), node)

    # ---- statements

    def stored(self, node: ast.expr) -> ast.expr:
        return cast(ast.expr, self.visit(node))

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        value = cast(ast.expr, self.visit(node.value))
        if len(node.targets) == 1 and not isinstance(node.targets[0], ast.Tuple | ast.List):
            return [self.store(node.targets[0], value, node)]
        name = self.temporary(node)
        out: list[ast.stmt] = [_assign(name, value, node)]
        for target in node.targets:
            out.extend(self.unpack(target, _load(name, node), node))
        return out

    def unpack(self, target: ast.expr, value: ast.expr, at: ast.stmt) -> list[ast.stmt]:
        """Store into one target; tuples are unpacked into temporaries first, as Python does."""
        if not isinstance(target, ast.Tuple | ast.List):
            return [self.store(target, value, at)]
        names, pattern = [], []
        for element in target.elts:
            name = self.temporary(at)
            inner = element.value if isinstance(element, ast.Starred) else element
            names.append((inner, name))
            slot: ast.expr = ast.copy_location(ast.Name(name, ast.Store()), at)
            starred = isinstance(element, ast.Starred)
            pattern.append(ast.copy_location(ast.Starred(slot, ast.Store()), at) if starred else slot)
        rows = self.hook("rows", at, value)
        left = ast.copy_location(ast.Tuple(pattern, ast.Store()), target)
        out: list[ast.stmt] = [ast.copy_location(ast.Assign([left], rows), at)]
        for inner, name in names:
            out.extend(self.unpack(inner, _load(name, at), at))
        return out

    def store(self, target: ast.expr, value: ast.expr, at: ast.stmt) -> ast.stmt:
        """One plain assignment with its report."""
        if isinstance(target, ast.Name):
            stored = self.hook("store", target, value, ast.Constant(target.id))
            return ast.copy_location(ast.Assign([target], stored), at)
        if isinstance(target, ast.Attribute):
            owner = self.owner(target.value)
            stored = self.hook("store_attribute", target, value, owner, ast.Constant(target.attr))
            return ast.copy_location(ast.Assign([self.generic_visit(target)], stored), at)
        assert isinstance(target, ast.Subscript)
        call = self.hook("setitem", target, value, self.visit(target.value), self.key(target.slice))
        return ast.copy_location(ast.Expr(call), at)

    def owner(self, node: ast.expr) -> ast.expr:
        """The object that holds an attribute, where naming it twice has no effect."""
        pure = all(isinstance(n, ast.Name | ast.Attribute | ast.expr_context) for n in ast.walk(node))
        return clone(node) if pure else ast.copy_location(ast.Constant(None), node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        if node.value is None:
            return node
        out = clone(node)
        value = cast(ast.expr, self.visit(node.value))
        name = node.target.id if isinstance(node.target, ast.Name) else ""
        out.value = self.hook("store", node.target, value, ast.Constant(name)) if name else value
        return out

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        value = self.operand(node.value)
        op = ast.copy_location(ast.Constant(type(node.op).__name__), node)
        target = node.target
        if isinstance(target, ast.Name):
            current = _load(target.id, target)
            call = self.hook("augment", node, op, current, value, ast.Constant(None), ast.Constant(target.id))
            return [ast.copy_location(ast.Assign([target], call), node)]
        if isinstance(target, ast.Attribute):
            name = self.temporary(node)
            owner = _load(name, node)
            current = ast.copy_location(ast.Attribute(owner, target.attr, ast.Load()), target)
            call = self.hook("augment", node, op, current, value, owner, ast.Constant(target.attr))
            into = ast.copy_location(ast.Attribute(owner, target.attr, ast.Store()), target)
            stored = ast.copy_location(ast.Assign([into], call), node)
            return [_assign(name, self.visit(target.value), node), stored]
        held = self.hook("augment_read", target, self.visit(target.value), self.key(target.slice))
        call = self.hook("augment_item", node, op, held, value)
        return [ast.copy_location(ast.Expr(call), node)]

    def visit_For(self, node: ast.For) -> list[ast.stmt]:
        if self.generator:
            out = clone(node)
            out.iter = self.hook("rows", node.iter, self.visit(node.iter))
            out.body, out.orelse = self.block(node.body), self.block(node.orelse)
            return [out]
        name = self.temporary(node)
        loop = self.hook("loop", node, self.hook("rows", node.iter, self.visit(node.iter)))
        body = self.dual(node.body, node.body[0])
        each = ast.copy_location(ast.For(node.target, _load(name, node), body, self.block(node.orelse)), node)
        return self.guarded(name, loop, each, node)

    def visit_While(self, node: ast.While) -> list[ast.stmt]:
        test = cast(ast.expr, self.visit(node.test))
        if self.generator:
            return [ast.copy_location(ast.While(test, self.block(node.body), self.block(node.orelse)), node)]
        name = self.temporary(node)
        loop = self.hook("loop", node, ast.Constant(None))
        go_on = _locate(ast.Call(ast.Attribute(_load(name, node), "proceed", ast.Load()), [], []), node)
        both = ast.copy_location(ast.BoolOp(ast.And(), [cast(ast.expr, go_on), test]), node.test)
        body = self.dual(node.body, node.body[0])
        each = ast.copy_location(ast.While(both, body, self.block(node.orelse)), node)
        return self.guarded(name, loop, each, node)

    def guarded(self, name: str, loop: ast.expr, each: ast.stmt, at: ast.stmt) -> list[ast.stmt]:
        """Whatever way the loop is left, the recorder learns of it."""
        close = _locate(ast.Call(ast.Attribute(_load(name, at), "close", ast.Load()), [], []), at)
        done = ast.copy_location(ast.Expr(cast(ast.expr, close)), at)
        guard = ast.Try(body=[each], handlers=[], orelse=[], finalbody=[done])
        return [_assign(name, loop, at), ast.copy_location(guard, at)]

    def visit_If(self, node: ast.If) -> ast.stmt:
        test = cast(ast.expr, self.visit(node.test))
        return ast.copy_location(ast.If(test, self.block(node.body), self.block(node.orelse)), node)

    def visit_With(self, node: ast.With) -> ast.stmt:
        items = [ast.withitem(self.visit(i.context_expr), i.optional_vars) for i in node.items]
        return ast.copy_location(ast.With(items, self.block(node.body)), node)

    def visit_Try(self, node: ast.Try) -> ast.stmt:
        out = clone(node)
        out.body, out.orelse = self.block(node.body), self.block(node.orelse)
        out.finalbody = self.block(node.finalbody)
        out.handlers = [self.visit(h) for h in node.handlers]
        return out

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        out = clone(node)
        out.body = self.block(node.body)
        return out

    def visit_match_case(self, node: ast.match_case) -> ast.match_case:
        return ast.match_case(node.pattern, node.guard, self.block(node.body))

    def visit_Delete(self, node: ast.Delete) -> ast.stmt:
        return node


class _Undeclare(ast.NodeTransformer):
    """Drops declarations that were hoisted; nested functions keep theirs."""

    def visit_Global(self, node: ast.Global) -> ast.stmt:
        return ast.copy_location(ast.Pass(), node)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.stmt:
        return ast.copy_location(ast.Pass(), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        return node


def _walk_own(body: list[ast.stmt]) -> list[ast.AST]:
    """Nodes of this scope, without those of nested functions, classes and lambdas."""
    out: list[ast.AST] = []
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        out.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            pending.extend(ast.iter_child_nodes(node))
    return out


def _yields(body: list[ast.stmt]) -> bool:
    return any(isinstance(n, ast.Yield | ast.YieldFrom) for n in _walk_own(body))


def _owned(body: list[ast.stmt], declaration: ast.AST) -> bool:
    return any(n is declaration for n in _walk_own(body))


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _load(name: str, at: ast.AST) -> ast.expr:
    return ast.copy_location(ast.Name(name, ast.Load()), at)


def _assign(name: str, value: ast.expr, at: ast.AST) -> ast.stmt:
    target = ast.copy_location(ast.Name(name, ast.Store()), at)
    return ast.copy_location(ast.Assign([target], value), at)


def _locate(node: ast.AST, at: ast.AST) -> ast.AST:
    for inner in ast.walk(node):
        ast.copy_location(inner, at)
    return node
