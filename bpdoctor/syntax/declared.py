"""What a program's text declares of the data that it reads: sizes, columns, labels."""

from __future__ import annotations

import ast
import io
import math
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bpdoctor.model.record import record
from bpdoctor.model.stub import Stub

# A number of samples that hardly is a size of anything else.
_ROWS = 203
_COLUMNS = 6
_MOST = 16
_LARGEST = 5000
_TUPLE = re.compile(r"\(\s*(\w+)\s*((?:[,x×]\s*\d+\s*)+)\)|\b(\w+)((?:\s*[x×]\s*\d+)+)")
_BYTE = 255


@record
class Declared:
    """Sizes that stand in a program, in the order of their evidence.

    Attributes
    ----------
    shapes : tuple of tuple of int
        Of one sample; those that comments give come first.
    sizes : tuple of int
        All numbers that may be a size.
    rows : tuple of int
        Numbers of samples to try.
    columns : tuple of int
        Columns of a table that are taken alone, from the end where negative.
    behind : int
        One more than the last column that is named; 0 where none is.
    names : tuple of str
        Names by which columns are asked for.
    top : float
        The largest number in the data: 255 where the program divides by it.
    """

    shapes: tuple[tuple[int, ...], ...]
    sizes: tuple[int, ...]
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    behind: int
    names: tuple[str, ...]
    top: float

    def after(self, stopped: str, rows: int) -> Declared:
        """The same, with the sizes first that an exception speaks of, and those beside them (a bias, a label)."""
        told = [int(n) for n in re.findall(r"\b\d+\b", stopped)]
        if "reshape" in stopped:
            wanted = re.findall(r"\([\d, ]+\)", stopped)
            told += [math.prod(int(n) for n in re.findall(r"\d+", shape) if int(n) != rows) for shape in wanted]
        near = [n + more for n in told for more in (0, -1, 1) if n != rows and 2 <= n + more <= _LARGEST]
        return replace(self, sizes=tuple(dict.fromkeys([*near, *self.sizes])))

    def tables(self, name: str, rows: int) -> Iterator[Stub]:
        """Tables that may be in a file."""
        widths = [self.behind or _COLUMNS, *(n + more for n in self.sizes for more in (0, 1))]
        for classes in (2, *(n for n in self.sizes if n > 2)):
            for width in dict.fromkeys(widths):
                for label in self._labels(width):
                    plain = Stub(name, (rows, width), classes=classes, label=label, top=self.top)
                    if self.names:
                        yield _with_header(plain, self.names)
                    yield plain

    def _labels(self, width: int) -> list[int]:
        """Columns that may hold labels: one that is taken alone, else the last or the first."""
        alone = [column % width for column in self.columns if -width <= column < width]
        return list(dict.fromkeys([*alone, width - 1, 0]))

    def features(self, name: str, rows: int, *, flat: bool) -> Iterator[Stub]:
        """Arrays of numbers that may be in a file."""
        given = [shape for shape in self.shapes if shape]
        for shape in dict.fromkeys([*given, (_COLUMNS,), *((n,) for n in self.sizes), *((n - 1,) for n in self.sizes)]):
            yield Stub(name, (rows, *shape), top=self.top)
        for n in self.sizes:
            yield Stub(name, (n, rows), samples=1, top=self.top)

    def labels(self, name: str, rows: int, *, flat: bool) -> Iterator[Stub]:
        """Arrays of labels that may be in a file; `flat` where they may have one axis only."""
        for classes in (2, *(n for n in self.sizes if n > 2)):
            if flat:
                yield Stub(name, (rows,), classes=classes)
            yield Stub(name, (rows, 1), classes=classes)
            yield Stub(name, (rows, classes), classes=classes)
            yield Stub(name, (1, rows), samples=1, classes=classes)
            yield Stub(name, (classes, rows), samples=1, classes=classes)


def declared(text: str) -> Declared:
    """Read a program that can be parsed."""
    tree = ast.parse(text)
    commented = list(_commented(text))
    columns, bounds, row_bounds = _subscripts(tree)
    numbers = list(dict.fromkeys([*(n for _, shape in commented for n in shape), *_numbers(tree)]))
    shapes = [shape for _, shape in commented] + [tuple(shape[1:]) for shape in _tuples(tree) if len(shape) > 2]
    first = [rows for rows, _ in commented if rows > 1]
    least = max([_ROWS, *(2 * bound + 1 for bound in row_bounds)])
    rows = [*first, least, *sorted(n for n in numbers if least < n <= 20_000)[:3]]
    return Declared(
        shapes=tuple(dict.fromkeys(shapes)),
        sizes=tuple(n for n in numbers if 2 <= n <= _LARGEST)[:_MOST],
        rows=tuple(dict.fromkeys(rows)),
        columns=tuple(dict.fromkeys(columns)),
        behind=max(bounds, default=-1) + 1,
        names=tuple(dict.fromkeys(_names(tree))) if "pandas" in text else (),
        top=float(_BYTE) if _BYTE in numbers else 1.0,
    )


def _commented(text: str) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Shapes in comments, as ``(1000, 784)`` or ``1000 x 784``: samples, 0 where they have a name, and the rest."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    for comment in (token.string for token in tokens if token.type == tokenize.COMMENT):
        for found in _TUPLE.finditer(comment):
            first, rest = found[1] or found[3], found[2] or found[4]
            yield (int(first) if first.isdigit() else 0), tuple(map(int, re.findall(r"\d+", rest)))


def _numbers(tree: ast.AST) -> Iterator[int]:
    """Numbers and products of numbers, in the order of the text."""
    for node in ast.walk(tree):
        value = _number(node)
        if value is not None:
            yield value


def _number(node: ast.AST) -> int | None:
    if isinstance(node, ast.Constant):
        whole = (
            isinstance(node.value, int | float) and not isinstance(node.value, bool) and node.value == node.value // 1
        )
        return int(node.value) if whole else None  # type: ignore[arg-type]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        factors = [_number(node.left), _number(node.right)]
        return math.prod(f for f in factors if f is not None) if None not in factors else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _number(node.operand)
        return None if value is None else -value
    return None


def _tuples(tree: ast.AST) -> Iterator[tuple[int, ...]]:
    """Tuples of numbers, the first of which may be anything: what arrays are reshaped to."""
    for node in ast.walk(tree):
        items = node.elts if isinstance(node, ast.Tuple) else node.args if isinstance(node, ast.Call) else []
        sizes = [_number(item) for item in items[1:]]
        if len(items) > 2 and all(n is not None and n > 0 for n in sizes):
            yield (0, *(n for n in sizes if n is not None))


def _subscripts(tree: ast.AST) -> tuple[list[int], list[int], list[int]]:
    """Columns that are taken alone, the last ones that are named, and bounds of rows."""
    alone: list[int] = []
    last: list[int] = []
    rows: list[int] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Subscript):
            continue
        by_row, by_column = _axes(node.slice)
        if by_row is not None:
            rows += [n for n in (_bound(by_row.lower), _bound(by_row.upper)) if n > 0]
        column = None if by_column is None or isinstance(by_column, ast.Slice) else _number(by_column)
        if column is not None:
            alone.append(column)
            last.append(column)
        if isinstance(by_column, ast.Slice):
            last += [_bound(by_column.lower), _bound(by_column.upper) - 1]
    return alone, [n for n in last if n >= 0], rows


def _axes(index: ast.expr) -> tuple[ast.Slice | None, ast.expr | None]:
    """The slice of rows and the index of columns."""
    if isinstance(index, ast.Tuple) and len(index.elts) == 2 and isinstance(index.elts[0], ast.Slice):
        return index.elts[0], index.elts[1]
    return (index, None) if isinstance(index, ast.Slice) else (None, None)


def _bound(node: ast.expr | None) -> int:
    value = None if node is None else _number(node)
    return -1 if value is None else value


def _names(tree: ast.AST) -> Iterator[str]:
    """Texts by which something is subscripted or dropped."""
    for node in ast.walk(tree):
        held: Iterable[ast.AST] = ()
        if isinstance(node, ast.Subscript):
            held = ast.walk(node.slice)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("drop", "pop"):
            held = (inner for argument in node.args for inner in ast.walk(argument))
        yield from (n.value for n in held if isinstance(n, ast.Constant) and isinstance(n.value, str))


def _with_header(stub: Stub, names: tuple[str, ...]) -> Stub:
    """The columns by their names; those that have none are called by their number."""
    width = stub.shape[1]
    header = (*(f"x{i}" for i in range(width - len(names))), *names)[:width]
    return replace(stub, label=width - 1 if len(names) == 1 else stub.label, header=header)
