"""One file of the user's program: where each expression stands, what holds it, and edits of whole statements."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

from bpdoctor.model.source import Edit, Span, lines_of

Function = ast.FunctionDef | ast.AsyncFunctionDef
Loop = ast.For | ast.While
PLAIN = ast.Name | ast.Attribute | ast.Subscript


def plain(node: ast.AST | None) -> TypeGuard[ast.Name | ast.Attribute | ast.Subscript]:
    """Whether an expression only names something: ``W``, ``self.W``, ``grads["W"]``."""
    return isinstance(node, PLAIN)


def target_of(statement: ast.AST | None) -> ast.expr | None:
    """What a statement assigns to, where that is one thing."""
    if isinstance(statement, ast.AugAssign):
        return statement.target
    return statement.targets[0] if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else None


class Text:
    """The text of a file and its tree, each node with its span and its parent."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines = lines_of(text)
        self.tree = ast.parse(text)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}
        self.spans: dict[Span, ast.AST] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.expr | ast.stmt) and not isinstance(node, ast.Expr):
                self.spans.setdefault(self.span(node), node)

    # ---- places

    def span(self, node: ast.expr | ast.stmt) -> Span:
        """Where a node stands, columns in characters."""
        line, end = node.lineno, node.end_lineno or node.lineno
        last = node.end_col_offset or 0
        return Span(self.path, line, self._column(line, node.col_offset), end, self._column(end, last))

    def _column(self, line: int, offset: int) -> int:
        text = self.lines[line - 1]
        return offset + 1 if text.isascii() else len(text.encode()[:offset].decode("utf-8", "ignore")) + 1

    def at(self, span: Span) -> ast.AST | None:
        """The expression or statement that a span holds; an expression statement is its expression.

        Of ``-x @ w`` the part ``x @ w`` is none: that is the whole.
        """
        if span in self.spans:
            return self.spans[span]
        end = span.end_line, span.end_column
        whole = [
            s for s in self.spans if (s.end_line, s.end_column) == end and (s.line, s.column) < (span.line, span.column)
        ]
        return self.spans[max(whole, key=lambda s: (s.line, s.column))] if whole else None

    def source(self, node: ast.expr | ast.stmt) -> str:
        """The text of a node, as written."""
        span = self.span(node)
        found = self.lines[span.line - 1 : span.end_line]
        found[-1] = found[-1][: span.end_column - 1]
        found[0] = found[0][span.column - 1 :]
        return "\n".join(found)

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """What holds a node, from the inside out."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def statement(self, node: ast.AST) -> ast.stmt | None:
        """The statement that a node belongs to."""
        return next((n for n in (node, *self.around(node)) if isinstance(n, ast.stmt)), None)

    def function(self, node: ast.AST) -> ast.AST:
        """The function around a node, or the module."""
        return next((n for n in self.around(node) if isinstance(n, Function)), self.tree)

    def loops(self, node: ast.AST) -> list[ast.For | ast.While]:
        """The loops around a node in its own function, innermost first."""
        home = self.function(node)
        return [n for n in self.around(node) if isinstance(n, Loop) and self.function(n) is home]

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statements among which a statement stands."""
        parent = self.parents.get(statement)
        for name in ("body", "orelse", "finalbody"):
            found = getattr(parent, name, None)
            if isinstance(found, list) and statement in found:
                return found
        return [statement]

    # ---- edits

    def replaced(self, node: ast.expr | ast.stmt, text: str) -> Edit:
        """Another text in the place of a node."""
        return Edit(self.span(node), text)

    def between(self, left: ast.expr, right: ast.expr, text: str) -> Edit:
        """Another text between two nodes."""
        a, b = self.span(left), self.span(right)
        return Edit(Span(self.path, a.end_line, a.end_column, b.line, b.column), text)

    def before(self, statement: ast.stmt, *lines: str) -> Edit:
        """Statements written before another."""
        span = self.span(statement)
        margin = self.lines[span.line - 1][: span.column - 1]
        at = Span(self.path, span.line, span.column, span.line, span.column)
        end = "\n" + margin if not margin.strip() else "; "
        return Edit(at, "".join(line + end for line in lines))

    def after(self, statement: ast.stmt, *lines: str) -> Edit:
        """Statements written after another."""
        span = self.span(statement)
        first, last = self.lines[span.line - 1], self.lines[span.end_line - 1]
        margin, rest = first[: span.column - 1], last[span.end_column - 1 :]
        alone = not margin.strip() and (not rest.strip() or rest.lstrip().startswith("#"))
        column = len(last) + 1 if alone else span.end_column
        start = "\n" + margin if alone else "; "
        at = Span(self.path, span.end_line, column, span.end_line, column)
        return Edit(at, "".join(start + line for line in lines))

    def removed(self, statement: ast.stmt) -> Edit:
        """A statement taken out; where it stands alone in a block, nothing is done in its place."""
        span = self.span(statement)
        first, last = self.lines[span.line - 1], self.lines[span.end_line - 1]
        rest = last[span.end_column - 1 :].strip()
        whole = not first[: span.column - 1].strip() and (not rest or rest.startswith("#"))
        if len(self.block(statement)) == 1 or not whole or span.end_line == len(self.lines):
            return Edit(span, "pass")
        return Edit(Span(self.path, span.line, 1, span.end_line + 1, 1), "")
