"""Arguments of constructors that are sizes, whatever their names: they stand in the shapes of the arrays it makes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from bpdoctor.probe.compared import shown
from bpdoctor.probe.roles import is_setting, size_role

# Calls whose arguments are the dimensions, whose first or whose third is the shape.
_DIMENSIONS = frozenset({"randn", "rand"})
_FIRST = frozenset({"zeros", "ones", "empty", "full", "eye", "identity", "random_sample", "standard_normal"})
_THIRD = frozenset({"normal", "uniform", "integers", "randint"})
_MEASURES = ("D", "M", "K")
Callee = tuple[ast.FunctionDef, Sequence[str]]


def sizes_in(
    node: ast.AST, names: Collection[str], aliases: Mapping[str, str], resolve: Callable[[str], Callee | None]
) -> dict[str, int]:
    """Arguments that stand in a shape: 0 for one of its dimensions, for a shape as a whole its number of dimensions.

    A shape may have a name: ``self.shape = (depth, size, size)``.

    `resolve` gives the statement and the parameters of what is called by a name: what it makes shapes of counts too.
    """
    out: dict[str, int] = {}
    shapes = _named_shapes(node)
    for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
        for part in _parts(call):
            for name, several in _dimensions(_bare(part, shapes), names, aliases):
                out[name] = max(out.get(name, 0), several)
        callee = resolve(call.func.id) if isinstance(call.func, ast.Name) else None
        if callee is not None:
            inner = sizes_in(callee[0], set(callee[1]), {}, lambda name: None)
            given = [*zip(callee[1], call.args, strict=False), *((k.arg, k.value) for k in call.keywords)]
            for parameter, value in given:
                name = shown(value, names, aliases)
                if name and parameter in inner:
                    out[name] = max(out.get(name, 0), inner[parameter])
    for each in ast.walk(node):
        if isinstance(each, ast.comprehension) and isinstance(each.iter, ast.Call):
            counted = each.iter.args if ast.unparse(each.iter.func) == "range" else []
            out.update({name: out.get(name, 0) for a in counted if (name := shown(a, names, aliases))})
    return out


def _parts(call: ast.Call) -> Iterator[ast.expr]:
    """What of a call's arguments are dimensions, or shapes."""
    function = ast.unparse(call.func)
    last = function.rpartition(".")[2]
    yield from (k.value for k in call.keywords if k.arg in ("size", "shape"))
    if last in _DIMENSIONS:
        yield from call.args
    elif last in _FIRST or function.endswith("random.random"):
        yield from call.args[:1]
    elif last in _THIRD:
        yield from call.args[2:3]


def _named_shapes(node: ast.AST) -> dict[str, ast.expr]:
    """Tuples by what they are stored under."""
    found = (n for n in ast.walk(node) if isinstance(n, ast.Assign) and isinstance(n.value, ast.Tuple))
    return {ast.unparse(t): n.value for n in found for t in n.targets if not isinstance(t, ast.Tuple)}


def _bare(part: ast.expr, shapes: Mapping[str, ast.expr]) -> ast.expr:
    """A shape as it is written where it has a name, its star gone."""
    held = part.value if isinstance(part, ast.Starred) else part
    return shapes.get(ast.unparse(held), part) if isinstance(held, ast.Name | ast.Attribute) else part


def _dimensions(part: ast.expr, names: Collection[str], aliases: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """What a shape is computed from by arithmetic: ``len(X)`` and ``X.shape[1]`` are no sizes that are given."""
    if name := shown(part, names, aliases):
        yield name, 0
    elif isinstance(part, ast.Starred):
        yield from ((n, 2) for n, _ in _dimensions(part.value, names, aliases))
    elif isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant) and type(part.slice.value) is int:
        entries = max(2, part.slice.value + 1)
        yield from ((n, entries) for n, _ in _dimensions(part.value, names, aliases))
    elif isinstance(part, ast.BinOp):
        inner = (part.left, part.right)
        yield from (found for each in inner for found in _dimensions(each, names, aliases))
    elif isinstance(part, ast.Tuple | ast.List):
        yield from (found for each in part.elts for found in _dimensions(each, names, aliases))


def sizes_to_try(
    found: Mapping[str, int], numbers: Mapping[str, int], settings: Callable[[str], Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Texts for such arguments, together the first, second … of all; empty where names tell of each what it is.

    The first argument is taken for the number of inputs, then the last one; before both, names are believed.
    """
    single = [n for n, several in found.items() if not several]
    # A dimension is no list of layers, whatever it is called.
    told = {n: settings(r)[0] for n in single if is_setting(r := size_role(n)) and r != "layers"}
    out: dict[str, tuple[str, ...]] = {}
    if len(told) < len(single):
        values = [str(numbers[m]) for m in _MEASURES]
        left = [v for v in values if v not in told.values()] or values
        believing = [told[n] if n in told else left.pop(0) if len(left) > 1 else left[0] for n in single]
        forth = [values[min(i, len(values) - 1)] for i in range(len(single))]
        ways = list(dict.fromkeys(map(tuple, (believing, forth, forth[::-1]))))
        out = {n: tuple(way[i] for way in ways) for i, n in enumerate(single)}
    for name, several in found.items():
        if several:
            forth = [str(numbers[m]) for m in (*_MEASURES, "N")[:several]]
            named = settings(size_role(name)) if is_setting(size_role(name)) else ()
            out[name] = (*(f"({', '.join(way)})" for way in (forth, forth[::-1])), *named)
    return out
