"""Bodies kept twice, observed and plain, behind one test; each function and class is a scope of its own."""

from __future__ import annotations

import ast
from typing import Self, cast

from bpdoctor.observe.expressions import HOOK, Expressions
from bpdoctor.observe.trees import assign, clone, hoisted, load, locate, located, split_head, yields

# Loops within loops whose plain variants can be observed; each level doubles the code. Training loops are outer ones.
_DEEPEST = 3


class Plain(ast.NodeTransformer):
    """The plain variant: untouched, but for loops and functions in it, which can be observed later."""

    def __init__(self, observer: Scopes) -> None:
        self.observer = observer

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return self.observer.function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.stmt:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        return self.observer.visit_ClassDef(node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        return self.observer.visit_Lambda(node)

    def visit_For(self, node: ast.For) -> ast.stmt | list[ast.stmt]:
        deep = self.observer.generator or self.observer.within >= _DEEPEST
        return cast(ast.stmt, self.generic_visit(node)) if deep else self.observer.plain_for(node)

    def visit_While(self, node: ast.While) -> ast.stmt | list[ast.stmt]:
        deep = self.observer.generator or self.observer.within >= _DEEPEST
        return cast(ast.stmt, self.generic_visit(node)) if deep else self.observer.plain_while(node)


class Scopes(Expressions):
    """Functions, classes and lambdas; their insides are rewritten by another of the same kind."""

    returns = False
    within = 0

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
        plain, out = Plain(self), []
        for statement in body:
            result = plain.visit(statement)
            out.extend(result if isinstance(result, list) else [result])
        return out

    def plain_for(self, node: ast.For) -> list[ast.stmt]:
        """A loop of the plain variant, whose iterations may be observed."""
        raise NotImplementedError

    def plain_while(self, node: ast.While) -> list[ast.stmt]:
        """A loop of the plain variant, whose iterations may be observed."""
        raise NotImplementedError

    def dual(self, body: list[ast.stmt], at: ast.AST) -> list[ast.stmt]:
        """``if __bp__.on: observed else: plain``."""
        base = located(ast.Name(HOOK, ast.Load()), at)
        test = located(ast.Attribute(base, "on", ast.Load()), at)
        copies = [clone(s) for s in body]  # before they are rewritten
        observed, plain = self.block(body), self.plain(copies)
        return [located(ast.If(test, observed, plain), at)]

    def function(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Both variants of a function behind one test, declarations hoisted above them."""
        inner = self.inside(f"{node.name}:{node.lineno}", generator=yields(node.body))
        inner.returns = bool(node.name) and node.name == self.named.loss
        docstring, rest = split_head(node.body)
        own, rest = hoisted(rest)
        body = inner.dual(rest, rest[0]) if rest else []
        if rest and node.name == self.named.step:
            body = inner.entered(node, body)
        out = clone(node)
        out.body = [*docstring, *own, *body]
        out.args = self.arguments(node.args)
        return out

    def inside(self, name: str, *, generator: bool = False) -> Self:
        """An observer for a scope within this one."""
        return type(self)(self.source, self.sites, f"{self.scope}.{name}", generator=generator, named=self.named)

    def entered(self, node: ast.FunctionDef, body: list[ast.stmt]) -> list[ast.stmt]:
        """The body of the function that makes one step: where a call begins and ends is recorded."""
        name = self.temporary(node)
        close = locate(ast.Call(ast.Attribute(load(name, node), "close", ast.Load()), [], []), node)
        done = located(ast.Expr(close), node)
        guard = ast.Try(body=body, handlers=[], orelse=[], finalbody=[done])
        return [assign(name, self.hook("step", node), node), located(guard, node)]

    def assigns(self, name: str) -> bool:
        """Whether the statement at hand gives a value this name."""
        targets = self.statement.targets if isinstance(self.statement, ast.Assign) else []
        return any(isinstance(t, ast.Name) and t.id == name for t in targets)

    def arguments(self, args: ast.arguments) -> ast.arguments:
        out = clone(args)
        out.defaults = [self.stored(d) for d in out.defaults]
        out.kw_defaults = [self.stored(d) if d is not None else None for d in out.kw_defaults]
        return out

    def stored(self, node: ast.expr) -> ast.expr:
        return cast(ast.expr, self.visit(node))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return self.function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.stmt:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        inner = self.inside(node.name)
        out = clone(node)
        head, rest = split_head(node.body)
        declared, rest = hoisted(rest)
        out.body = [*head, *declared, *inner.block(rest)]
        return out

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        inner = self.inside(f"<lambda>:{node.lineno}")
        inner.statement = self.statement
        base = located(ast.Name(HOOK, ast.Load()), node)
        test = located(ast.Attribute(base, "on", ast.Load()), node)
        plain = cast(ast.expr, Plain(self).visit(clone(node.body)))
        observed = inner.visit(clone(node.body))
        if self.named.loss and self.assigns(self.named.loss):
            observed = self.hook("store", node.body, observed, ast.Constant(self.named.loss))
        body = located(ast.IfExp(test, observed, plain), node)
        return located(ast.Lambda(self.arguments(node.args), body), node)
