"""Find expressions in a program by their syntax tree and replace exactly their span in the text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

_ATOMS = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.Constant, ast.List, ast.Tuple)


@dataclass
class Program:
    """A parsed program with parents and text positions."""

    text: str
    tree: ast.Module = field(init=False)
    parents: dict[ast.AST, ast.AST] = field(init=False)
    starts: list[int] = field(init=False)
    rows: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.tree = ast.parse(self.text)
        self.parents = {c: p for p in ast.walk(self.tree) for c in ast.iter_child_nodes(p)}
        self.rows = self.text.splitlines(keepends=True)
        self.starts = [0]
        for row in self.rows:
            self.starts.append(self.starts[-1] + len(row))

    def _offset(self, line: int, column: int) -> int:
        row = self.rows[line - 1].encode("utf-8")[:column].decode("utf-8")
        return self.starts[line - 1] + len(row)

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Character offsets of a node."""
        return self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset)

    def source(self, node: ast.AST) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def statement(self, line: int) -> ast.stmt:
        """The outermost statement that begins on a line, or the innermost that covers it."""
        covering = None
        for node in ast.walk(self.tree):
            if isinstance(node, ast.stmt) and node.lineno == line:
                return node
            if isinstance(node, ast.stmt) and node.lineno < line <= (node.end_lineno or 0):
                covering = node
        if covering:
            return covering
        raise LookupError(f"no statement begins on line {line}")

    def wrapped(self, node: ast.AST) -> bool:
        """Whether the node already stands in parentheses, brackets or between commas."""
        start, end = self.span(node)
        left, right = self.text[:start].rstrip()[-1:], self.text[end:].lstrip(" ")[:1]
        return left in "([{,=" and right in ")]},\n:" and left != ""


def head(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement without the statements in its body."""
    todo: list[ast.AST] = [statement]
    while todo:
        node = todo.pop(0)
        yield node
        todo += [c for c in ast.iter_child_nodes(node) if not isinstance(c, ast.stmt)]


def shape(node: ast.AST) -> str:
    """A node's structure, ignoring positions; a target of an assignment is not the same as a read."""
    return ast.dump(node)


def expression(text: str) -> ast.expr:
    """Parse one expression."""
    return ast.parse(text.strip(), mode="eval").body


def find(within: ast.AST, text: str) -> list[ast.expr]:
    """The sub-expressions equal to `text`."""
    wanted = shape(expression(text))
    nodes = head(within) if isinstance(within, ast.stmt) else ast.walk(within)
    return [n for n in nodes if isinstance(n, ast.expr) and shape(n) == wanted]


Edit = tuple[int, int, str]


def put(program: Program, node: ast.expr, text: str) -> Edit:
    """Replace a node by an expression, in parentheses where precedence could bite."""
    start, end = program.span(node)
    parent = program.parents.get(node)
    free = isinstance(parent, ast.stmt) or program.wrapped(node)
    bare = isinstance(expression(text), _ATOMS)
    return start, end, text if free or bare or _closed(text) else f"({text})"


def _closed(text: str) -> bool:
    """Whether one pair of parentheses encloses the whole text."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if depth == 0:
            return i == len(text) - 1
    return False


def apply(text: str, edits: list[Edit]) -> str:
    """Apply edits that do not overlap."""
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def pretty(text: str) -> str:
    """An expression of the hints, which hold no blanks, as people write it."""
    return ast.unparse(expression(text))


def within(program: Program, node: ast.expr, old: str, new: str) -> str:
    """The text of a node with every `old` in it replaced by `new`."""
    base = program.span(node)[0]
    edits = [put(program, n, new) for n in find(node, old)]
    return apply(program.source(node), [(s - base, e - base, t) for s, e, t in edits])
