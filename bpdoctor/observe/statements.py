"""Statements that report what they store, and loops that report their iterations."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import cast

from bpdoctor.observe.expressions import HOOK
from bpdoctor.observe.scopes import Plain, Scopes
from bpdoctor.observe.trees import assign, clone, load, locate, located


class Observer(Scopes):
    """Rewrites one scope; nested functions and classes get an observer of their own."""

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        value = cast(ast.expr, self.visit(node.value))
        if len(node.targets) == 1 and not isinstance(node.targets[0], ast.Tuple | ast.List):
            return self.store(node.targets[0], value, node)
        name = self.temporary(node)
        out: list[ast.stmt] = [assign(name, value, node)]
        for target in node.targets:
            out.extend(self.unpack(target, load(name, node), node))
        return out

    def unpack(self, target: ast.expr, value: ast.expr, at: ast.stmt) -> list[ast.stmt]:
        """Store into one target; tuples are unpacked into temporaries first, as Python does."""
        if not isinstance(target, ast.Tuple | ast.List):
            return self.store(target, value, at)
        names, pattern = [], []
        for element in target.elts:
            name = self.temporary(at)
            inner = element.value if isinstance(element, ast.Starred) else element
            names.append((inner, name))
            slot: ast.expr = located(ast.Name(name, ast.Store()), at)
            starred = isinstance(element, ast.Starred)
            pattern.append(located(ast.Starred(slot, ast.Store()), at) if starred else slot)
        rows = self.hook("rows", at, value)
        left = located(ast.Tuple(pattern, ast.Store()), target)
        out: list[ast.stmt] = [located(ast.Assign([left], rows), at)]
        for inner, name in names:
            out.extend(self.unpack(inner, load(name, at), at))
        return out

    def store(self, target: ast.expr, value: ast.expr, at: ast.stmt) -> list[ast.stmt]:
        """One plain assignment with its report."""
        if isinstance(target, ast.Name):
            stored = self.hook("store", target, value, ast.Constant(target.id))
            return [located(ast.Assign([target], stored), at)]
        if isinstance(target, ast.Attribute):
            return self.store_attribute(target, value, at)
        assert isinstance(target, ast.Subscript)
        call = self.hook("setitem", target, value, self.visit(target.value), self.key(target.slice))
        return [located(ast.Expr(call), at)]

    def store_attribute(self, target: ast.Attribute, value: ast.expr, at: ast.stmt) -> list[ast.stmt]:
        """``owner.name = value``; an owner that is not a mere name is evaluated once, after the value."""
        before: list[ast.stmt] = []
        owner = target.value
        if not isinstance(owner, ast.Name):
            held, name = self.temporary(at), self.temporary(at)
            before = [assign(held, value, at), assign(name, self.visit(owner), at)]
            value, owner = load(held, at), load(name, at)
        stored = self.hook("store_attribute", target, value, clone(owner), ast.Constant(target.attr))
        into = located(ast.Attribute(owner, target.attr, ast.Store()), target)
        return [*before, located(ast.Assign([into], stored), at)]

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
        op = located(ast.Constant(type(node.op).__name__), node)
        target = node.target
        if isinstance(target, ast.Name):
            current = load(target.id, target)
            call = self.hook("augment", node, op, current, value, ast.Constant(None), ast.Constant(target.id))
            return [located(ast.Assign([target], call), node)]
        if isinstance(target, ast.Attribute):
            name = self.temporary(node)
            owner = load(name, node)
            current = located(ast.Attribute(owner, target.attr, ast.Load()), target)
            call = self.hook("augment", node, op, current, value, owner, ast.Constant(target.attr))
            into = located(ast.Attribute(owner, target.attr, ast.Store()), target)
            stored = located(ast.Assign([into], call), node)
            return [assign(name, self.visit(target.value), node), stored]
        held = self.hook("augment_read", target, self.visit(target.value), self.key(target.slice))
        call = self.hook("augment_item", node, op, held, value)
        return [located(ast.Expr(call), node)]

    def visit_For(self, node: ast.For) -> list[ast.stmt]:
        if self.generator:
            out = clone(node)
            out.iter = self.hook("rows", node.iter, self.visit(node.iter))
            out.body, out.orelse = self.block(node.body), self.block(node.orelse)
            return [out]
        rows = self.hook("rows", node.iter, self.visit(node.iter))
        return self.each(node, rows, self.block)

    def plain_for(self, node: ast.For) -> list[ast.stmt]:
        plain = Plain(self)
        node.iter = plain.visit(node.iter)
        return self.each(node, node.iter, self.plain)

    def each(self, node: ast.For, rows: ast.expr, rest: Callable[[list[ast.stmt]], list[ast.stmt]]) -> list[ast.stmt]:
        """A ``for`` whose iterations are reported; `rest` makes the variant of what follows without a break."""
        name = self.temporary(node)
        loop = self.hook("each", node, rows)
        body = self.repeated(node.body)
        each = located(ast.For(node.target, load(name, node), body, rest(node.orelse)), node)
        return self.guarded(name, loop, each, node)

    def visit_While(self, node: ast.While) -> list[ast.stmt]:
        test = cast(ast.expr, self.visit(node.test))
        if self.generator:
            return [located(ast.While(test, self.block(node.body), self.block(node.orelse)), node)]
        return self.going(node, test, self.block)

    def plain_while(self, node: ast.While) -> list[ast.stmt]:
        plain = Plain(self)
        return self.going(node, plain.visit(node.test), self.plain)

    def going(
        self, node: ast.While, test: ast.expr, rest: Callable[[list[ast.stmt]], list[ast.stmt]]
    ) -> list[ast.stmt]:
        """A ``while`` whose iterations are reported; `rest` makes the variant of what follows without a break."""
        name = self.temporary(node)
        loop = self.hook("going", node)
        go_on = locate(ast.Call(ast.Attribute(load(name, node), "proceed", ast.Load()), [], []), node)
        both = located(ast.BoolOp(ast.And(), [go_on, test]), node.test)
        body = self.repeated(node.body)
        each = located(ast.While(both, body, rest(node.orelse)), node)
        return self.guarded(name, loop, each, node)

    def repeated(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Both variants of the body of a loop."""
        self.within += 1
        out = self.dual(body, body[0])
        self.within -= 1
        return out

    def guarded(self, name: str, loop: ast.expr, each: ast.stmt, at: ast.stmt) -> list[ast.stmt]:
        """Whatever way the loop is left, the recorder learns of it."""
        close = locate(ast.Call(ast.Attribute(load(HOOK, at), "left", ast.Load()), [load(name, at)], []), at)
        done = located(ast.Expr(close), at)
        guard = ast.Try(body=[each], handlers=[], orelse=[], finalbody=[done])
        return [assign(name, loop, at), located(guard, at)]

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        if node.value is None:
            return node
        value = cast(ast.expr, self.visit(node.value))
        if self.returns:
            value = self.hook("store", node.value, value, ast.Constant(self.named.loss))
        elif isinstance(node.value, ast.Name | ast.Attribute | ast.Subscript):
            value = self.hook("handed", node.value, value)
        elif isinstance(node.value, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = zip(node.value.elts, value.elts, strict=True)
            value.elts = [self.hook("handed", e, v) if isinstance(e, ast.Name) else v for e, v in pairs]
        return located(ast.Return(value), node)

    def visit_If(self, node: ast.If) -> ast.stmt:
        test = cast(ast.expr, self.visit(node.test))
        return located(ast.If(test, self.block(node.body), self.block(node.orelse)), node)

    def visit_With(self, node: ast.With) -> ast.stmt:
        items = [ast.withitem(self.visit(i.context_expr), i.optional_vars) for i in node.items]
        return located(ast.With(items, self.block(node.body)), node)

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
