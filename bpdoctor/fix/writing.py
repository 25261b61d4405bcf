"""A file's text with its tree: where nodes stand, and the text with one of them written differently."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeGuard

from bpdoctor.model.source import lines_of

Place = tuple[int, int, int, int, str]
_LONGEST_LINE = 100
_LOOSE, _COMPARED, _ADDED, _MULTIPLIED, _SIGNED, _RAISED, _ATOM = range(7)
_BINDING: dict[type[ast.operator], int] = {
    ast.Add: _ADDED,
    ast.Sub: _ADDED,
    ast.Mult: _MULTIPLIED,
    ast.Div: _MULTIPLIED,
    ast.MatMult: _MULTIPLIED,
    ast.FloorDiv: _MULTIPLIED,
    ast.Mod: _MULTIPLIED,
    ast.Pow: _RAISED,
}


def is_number(node: ast.AST) -> TypeGuard[ast.Constant]:
    """Whether a node is a number as it is written; a truth value is none."""
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def place_of(node: ast.AST) -> Place:
    """What finds a node again in a tree of the same text."""
    found = [int(getattr(node, name, 0) or 0) for name in ("lineno", "col_offset", "end_lineno", "end_col_offset")]
    return found[0], found[1], found[2], found[3], type(node).__name__


class Text:
    """The bytes of a file, as the parser counts them, and its tree with parents."""

    def __init__(self, text: str) -> None:
        lines = [line.encode() for line in lines_of(text)]
        self.data = b"\n".join(lines)
        self.starts = [0]
        for line in lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.tree = ast.parse(self.data)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}
        self.counted: frozenset[str] | None = None

    def find(self, place: Place) -> ast.AST | None:
        """The node of another tree of this text."""
        return next((n for n in ast.walk(self.tree) if place_of(n) == place), None)

    def start(self, node: ast.AST) -> int:
        return self.starts[node.lineno - 1] + int(node.col_offset)  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        return self.starts[node.end_lineno - 1] + int(node.end_col_offset)  # type: ignore[attr-defined]

    def of(self, node: ast.AST) -> str:
        """The user's own text of a node, on one line."""
        return " ".join(self.data[self.start(node) : self.end(node)].decode().split())

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """What a node stands in, from the inside."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def statement(self, node: ast.AST) -> ast.stmt | None:
        return (
            node if isinstance(node, ast.stmt) else next((n for n in self.above(node) if isinstance(n, ast.stmt)), None)
        )

    def scope(self, node: ast.AST) -> ast.AST:
        """The function, lambda or module that runs a node."""
        inner = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Module)
        return next((n for n in self.above(node) if isinstance(n, inner)), self.tree)

    def owner(self, node: ast.AST) -> str:
        """Name of the class around a node, or nothing."""
        return next((n.name for n in self.above(node) if isinstance(n, ast.ClassDef)), "")

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statements among which one stands."""
        parent = self.parents.get(statement)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(parent, name, None)
            if isinstance(block, list) and statement in block:
                return block
        return [statement]

    def numbers(self, at: ast.Constant) -> list[tuple[str, bool]]:
        """Other numbers that the file writes, the nearest first, and whether a name is set to them."""
        found = sorted((n for n in ast.walk(self.tree) if is_number(n)), key=lambda n: abs(n.lineno - at.lineno))
        once = {n.value: n for n in reversed(found) if n.value != at.value}
        return [(self.of(n), isinstance(self.parents[n], ast.Assign | ast.arguments)) for n in once.values()][::-1]

    def counts(self) -> frozenset[str]:
        """What the file divides by, and what it sets to the length of something."""
        if self.counted is None:
            found: set[str] = set()
            for node in ast.walk(self.tree):
                if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                    found.add(self.of(node.right))
                elif isinstance(node, ast.Assign):
                    found.update(self._lengths(node))
            self.counted = frozenset(found)
        return self.counted

    def _lengths(self, node: ast.Assign) -> Iterator[str]:
        value, target = node.value, node.targets[0]
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "len":
            yield self.of(target)
        elif isinstance(value, ast.Subscript | ast.Attribute) and ".shape" in self.of(value):
            first = target.elts[0] if isinstance(target, ast.Tuple | ast.List) and target.elts else target
            yield self.of(first)

    def position(self, offset: int) -> tuple[int, int]:
        """1-based line and column, in characters."""
        line = next(i for i, start in enumerate(self.starts) if start > offset)
        return line, len(self.data[self.starts[line - 1] : offset].decode()) + 1

    # ---- writing

    def line_with(self, start: int, end: int, new: str) -> str:
        """The line as it reads after a change, or the change alone where that is too long."""
        first = self.data.rfind(b"\n", 0, start) + 1
        last = self.data.find(b"\n", end) % (len(self.data) + 1)
        line = f"{self.data[first:start].decode()}{new}{self.data[end:last].decode()}".split("#")[0].strip()
        return line if len(line) <= _LONGEST_LINE and "\n" not in line else new.strip()

    def written(self, node: ast.expr, new: str) -> tuple[int, int, str]:
        """(start, end, text): what stands for a node, in brackets only where it needs them."""
        start, end, enclosed = self.start(node), self.end(node), False
        opened = self.data[:start].rstrip()
        closed = len(self.data) - len(self.data[end:].lstrip())
        if opened.endswith(b"(") and self.data[closed : closed + 1] == b")" and not _calls(opened[:-1]):
            start, end, enclosed = len(opened) - 1, closed + 1, True
        if not fits(new, node, self.parents.get(node)) or (enclosed and b"\n" in self.data[start:end]):
            new = f"({new})"
        glued = self.data[start - 1 : start].isalnum() and new[:1].isalnum()
        return start, end, f" {new}" if glued else new


def _calls(before: bytes) -> bool:
    """Whether a bracket after this text opens the arguments of a call."""
    text = before.rstrip().decode(errors="ignore")
    word = text[len(text.rstrip("_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) :]
    if word in ("return", "in", "and", "or", "not", "if", "else", "yield", "lambda"):
        return False
    return text[-1:].isalnum() or text[-1:] in ("_", ")", "]")


def binding(node: ast.AST) -> int:
    """How firmly an expression holds together."""
    if isinstance(node, ast.BinOp):
        return _BINDING.get(type(node.op), _LOOSE)
    if isinstance(node, ast.UnaryOp):
        return _LOOSE if isinstance(node.op, ast.Not) else _SIGNED
    if isinstance(node, ast.Compare):
        return _COMPARED
    return _LOOSE if isinstance(node, ast.BoolOp | ast.IfExp | ast.Lambda | ast.Tuple | ast.NamedExpr) else _ATOM


def fits(new: str, node: ast.AST, parent: ast.AST | None) -> bool:
    """Whether a text can stand for `node` without brackets."""
    firm = firmness(new)
    if isinstance(parent, ast.BinOp):
        own = binding(parent)
        return firm > own or (firm == own and node is parent.left and own != _RAISED)
    if isinstance(parent, ast.UnaryOp | ast.Compare):
        return firm > binding(parent)
    if isinstance(parent, ast.Attribute) or (isinstance(parent, ast.Subscript | ast.Call) and _heads(node, parent)):
        return firm == _ATOM
    return True


def _heads(node: ast.AST, parent: ast.Subscript | ast.Call) -> bool:
    return node is (parent.func if isinstance(parent, ast.Call) else parent.value)


@lru_cache(maxsize=4096)  # a few hundred texts are put together to many thousands
def firmness(text: str) -> int:
    """How firmly a text holds together."""
    return binding(ast.parse(text, mode="eval").body)


def held(text: str, least: int = _MULTIPLIED) -> str:
    """A text as an operand: in brackets where it binds less firmly."""
    return text if firmness(text) >= least else f"({text})"


def factor(text: str) -> str:
    """A text as the right operand of a product."""
    return held(text, _SIGNED + 1)


def bare(formula: str) -> str:
    """A formula without brackets around all of it."""
    inner = formula[1:-1]
    try:
        whole = formula[:1] == "(" and ast.dump(ast.parse(formula)) == ast.dump(ast.parse(inner))
    except SyntaxError:
        return formula
    return inner if whole else formula


def atom(text: str) -> str:
    """A text of which an attribute can be taken."""
    return held(text, _ATOM)
