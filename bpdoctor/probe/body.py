"""What the text of a function says about its arguments and its results."""

from __future__ import annotations

import ast
import inspect
import keyword
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bpdoctor.probe.compared import aliases_of, compared, entry

_SHAPE = re.compile(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_ARRAY = ("array", "asarray", "stack", "tuple", "list", "copy")
_STATED = re.compile(r"^\W{0,6}`{0,2}(\w+)`{0,2}\b(?!\s*=)(.*)$")


@dataclass(slots=True)
class Body:
    """Facts read from one function: stated shapes, dictionary keys, compared strings, names returned.

    `several` are arguments that are taken apart into several values: no arrays. `words` are the strings that an
    argument, or an entry of one, is compared with, and `settled` the one of them that it is to be given.
    `indices` are arguments that arrays are indexed with, `listed` those of which single entries are.
    `sizes` are arguments of a constructor that stand in the shapes of arrays.
    """

    shapes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)
    settled: dict[str, object] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    indices: set[str] = field(default_factory=set)
    listed: set[str] = field(default_factory=set)
    counts: set[str] = field(default_factory=set)
    several: set[str] = field(default_factory=set)
    passed: list[tuple[str, int, str]] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    line: int = 1


Definitions = Mapping[tuple[str, str, int], ast.FunctionDef]


def definitions_of(trees: Mapping[str, ast.AST]) -> dict[tuple[str, str, int], ast.FunctionDef]:
    """Every function definition by file, name and first line, decorators counted or not."""
    out = {}
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                out[path, node.name, first] = out[path, node.name, node.lineno] = node
    return out


def definition(function: Callable[..., Any], definitions: Definitions) -> ast.FunctionDef | None:
    """The statement that defined a function."""
    code = getattr(inspect.unwrap(getattr(function, "__func__", function)), "__code__", None)
    return None if code is None else definitions.get((code.co_filename, code.co_name, code.co_firstlineno))


def read(node: ast.FunctionDef | None) -> Body:
    """Collect the facts of a definition."""
    body = Body()
    if node is None:
        return body
    body.line = node.lineno
    names = {a.arg for a in (*node.args.args, *node.args.kwonlyargs)}
    body.shapes.update(stated_shapes(ast.get_docstring(node) or "", names))
    for each in ast.walk(node):
        _unpacking(each, names, body)
        _subscript(each, names, body)
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name):
            body.called.append(each.func.id)
            body.passed += [
                (a.id, i, each.func.id) for i, a in enumerate(each.args) if isinstance(a, ast.Name) and a.id in names
            ]
        if isinstance(each, ast.Subscript):
            found = each.slice.elts if isinstance(each.slice, ast.Tuple) else [each.slice]
            body.indices |= {e.id for e in found if isinstance(e, ast.Name) and e.id in names}
            inner = [e.value.id for e in found if isinstance(e, ast.Subscript) and isinstance(e.value, ast.Name)]
            body.listed |= names & set(inner)
    body.counts |= _counts(node, names)
    body.words = compared(node, names, aliases_of(node, names))
    _results(node, body)
    return body


def _counts(node: ast.FunctionDef, names: set[str]) -> set[str]:
    """Arguments that nothing is done with but to divide by them or to count up to them: numbers, not arrays."""
    used = [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in names]
    counting = []
    for n in ast.walk(node):
        if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Div | ast.FloorDiv):
            counting.append(n.right)
        elif isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "range":
            counting += n.args
    found = [n.id for n in counting if isinstance(n, ast.Name)]
    return {n for n in set(found) & names if found.count(n) == used.count(n)}


def stated_shapes(text: str, names: set[str]) -> dict[str, tuple[str, ...]]:
    """``x: input data of shape (N, D)`` in a docstring, for every argument that has such a line."""
    out: dict[str, tuple[str, ...]] = {}
    current = ""
    for line in textwrap.dedent(text).splitlines():
        if re.match(r"\W*(returns?|outputs?)\b", line.strip(), re.IGNORECASE):
            break
        match = _STATED.match(line)
        if match and match.group(1) in names:
            current = match.group(1)
        elif re.match(r"\s*[-*]?\s*\w+\s*:", line):
            current = ""
        if not current or current in out:
            continue
        rest = line[line.find(current) + len(current) :] if match and match.group(1) == current else line
        for found in _SHAPE.finditer(rest):
            symbols = _symbols(found.group(1))
            if symbols is not None and ("shape" in rest.lower() or "(" in rest[:4] or len(symbols) > 1):
                out[current] = symbols
                break
    return out


def _symbols(inside: str) -> tuple[str, ...] | None:
    parts = [p.strip() for p in inside.split(",") if p.strip()]
    if any("..." in p or "…" in p for p in parts):
        return None
    if not parts or not all(re.fullmatch(r"[\w\s*+/\-]+", p) and len(p) < 16 for p in parts):
        return None
    if not all(re.fullmatch(r"\d+|[A-Za-z_]\w*|\d+\s*\*?\s*[A-Za-z]\w*|[\w\s+*]+", p) for p in parts):
        return None
    if any(map(keyword.iskeyword, re.findall(r"\w+", inside))):
        return None
    sizes = tuple(re.sub(r"^(\d+)\s*([A-Za-z])", r"\1*\2", p) for p in parts)
    return sizes if all(map(_is_size, sizes)) else None


def _is_size(text: str) -> bool:
    """Whether a text is an expression, and no words: ``numpy array``."""
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True


def _unpacking(node: ast.AST, names: set[str], body: Body) -> None:
    """``N, C, H, W = x.shape`` gives rank and symbols."""
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Tuple):
        return
    value = node.value
    if isinstance(value, ast.Name) and value.id in names:
        body.several.add(value.id)
    if not (isinstance(value, ast.Attribute) and value.attr == "shape"):
        return
    owner = entry(value.value, names)
    elements = node.targets[0].elts
    if owner and all(isinstance(e, ast.Name) for e in elements):
        body.ranks.setdefault(owner, len(elements))
        symbols = tuple(e.id for e in elements if isinstance(e, ast.Name))
        if "_" not in symbols:
            body.shapes.setdefault(owner, symbols)


def ranks_in(node: ast.AST, aliases: Mapping[str, str]) -> dict[str, int]:
    """The number of dimensions of what is stored under other names, where its shape is taken apart."""
    out: dict[str, int] = {}
    for each in ast.walk(node):
        if not isinstance(each, ast.Assign) or not isinstance(each.targets[0], ast.Tuple):
            continue
        value, elements = each.value, each.targets[0].elts
        whole = isinstance(value, ast.Attribute) and value.attr == "shape"
        name = aliases.get(ast.unparse(value.value)) if whole and isinstance(value, ast.Attribute) else None
        if name and not any(isinstance(e, ast.Starred) for e in elements):
            out.setdefault(name, len(elements))
    return out


def _subscript(node: ast.AST, names: set[str], body: Body) -> None:
    owner, key = "", None
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.ctx, ast.Load):
        owner, key = entry(node.value, names), node.slice.value
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("get", "setdefault")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ):
        owner, key = entry(node.func.value, names), node.args[0].value
        if owner and len(node.args) > 1:
            body.keys.setdefault(owner, [])  # a default is given where the key is missing
            return
    if owner and isinstance(key, str) and key not in body.keys.setdefault(owner, []):
        body.keys[owner].append(key)


def _results(node: ast.FunctionDef, body: Body) -> None:
    """Names of what the last return statement gives back."""
    returns = [n for n in ast.walk(node) if isinstance(n, ast.Return) and n.value is not None]
    if not returns:
        return
    value = max(returns, key=lambda r: r.lineno).value
    elements = value.elts if isinstance(value, ast.Tuple) else [value]
    body.returned = [_spoken(e) for e in elements]


def _spoken(node: ast.AST | None) -> str:
    """The name of what is given back, under a call that only makes an array of it."""
    if isinstance(node, ast.Call) and len(node.args) == 1 and ast.unparse(node.func).endswith(_ARRAY):
        return _spoken(node.args[0])
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
