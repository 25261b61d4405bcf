"""Faults of updates, order, buffers, accumulation, initialisation, and faults spelled out in a hint."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.planting.edits import Edit, Program, find, head, pretty, put
from tests.planting.markers import Network, Spec
from tests.planting.planted import Draft

_SIGNS = {ast.Sub: ("-", "+"), ast.Add: ("+", "-")}


def _operator(program: Program, left: ast.AST, right: ast.AST, old: str, new: str) -> Edit:
    start, end = program.span(left)[1], program.span(right)[0]
    at = start + program.text[start:end].index(old)
    return at, at + len(old), new


def flipped(program: Program, spec: Spec) -> Edit | None:
    """The edit that turns the sign of an update."""
    node = program.statement(spec.line)
    if spec.get("noflip"):
        return None
    if isinstance(node, ast.AugAssign) and type(node.op) in _SIGNS:
        return _operator(program, node.target, node.value, *_SIGNS[type(node.op)])
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and type(node.value.op) in _SIGNS:
        return _operator(program, node.value.left, node.value.right, *_SIGNS[type(node.value.op)])
    return None


def _local_name(target: ast.expr) -> str:
    if isinstance(target, ast.Attribute):
        return "new_" + target.attr.strip("_").lower()
    return "updated"


def _lost(program: Program, spec: Spec) -> Iterator[Draft]:
    """The update deleted, or bound to a name that nobody reads."""
    node = program.statement(spec.line)
    slug = "parameter-never-updated"
    if spec.get("keep"):
        return
    yield Draft(slug, "delete", ((*program.span(node), "pass"),), spec, (0,))
    target = node.target if isinstance(node, ast.AugAssign) else node.targets[0]  # type: ignore[attr-defined]
    if isinstance(target, ast.Name) and not spec.get("local"):
        return
    name = spec.get("local") or _local_name(target)
    source = program.source(target)
    if isinstance(node, ast.Assign):
        yield Draft(slug, "local", ((*program.span(target), name),), spec)
    elif type(node.op) in _SIGNS:
        text = f"{name} = {source} {_SIGNS[type(node.op)][0]} {program.source(node.value)}"
        yield Draft(slug, "local", ((*program.span(node), text),), spec)


def _early(program: Program, spec: Spec, network: Network) -> Iterator[Draft]:
    """The update moved up before the weights are used by the backward pass."""
    mark = next(s for s in network.of("mark") if spec.get("before") in s.keys)
    rows = program.text.splitlines(keepends=True)
    node = program.statement(spec.line)
    first, last = node.lineno - 1, node.end_lineno or node.lineno
    moved, use = rows[first:last], mark.line - 1
    new = rows[:use] + moved + rows[use:first] + rows[last:]
    lines = (mark.line + len(moved), mark.line)
    yield Draft("stale-weights-in-backward", "update-first", (), spec, lines, text="".join(new))


def update(program: Program, spec: Spec, network: Network) -> Iterator[Draft]:
    """`upd before=MARK local=NAME noflip=1 keep=1`: a parameter's update."""
    edit = flipped(program, spec)
    if edit:
        yield Draft("gradient-ascent", "flip-one", (edit,), spec)
    yield from _lost(program, spec)
    if spec.get("before"):
        yield from _early(program, spec, network)


def ascent(program: Program, network: Network) -> Iterator[Draft]:
    """Every update of a network turned."""
    found = [(flipped(program, s), s) for s in network.of("upd")]
    edits = tuple(e for e, _ in found if e)
    if len(edits) > 1 and len(edits) == len(found):
        yield Draft("gradient-ascent", "flip-all", edits, found[0][1])


def accumulate(program: Program, spec: Spec) -> Iterator[Draft]:
    """`acc slug=…`: `=` where `+=` belongs."""
    node = program.statement(spec.line)
    if isinstance(node, ast.AugAssign):
        edit = _operator(program, node.target, node.value, "+=", "=")
        yield Draft(spec.get("slug") or "gradient-accumulation", "assign", (edit,), spec)


def copy(program: Program, spec: Spec) -> Iterator[Draft]:
    """`copy slug=…`: `.copy()` left out."""
    for node in head(program.statement(spec.line)):
        is_copy = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "copy"
        if is_copy and not node.args:
            edit = put(program, node, program.source(node.func.value))
            yield Draft(spec.get("slug") or "read-after-mutation", "no-copy", (edit,), spec)


def swap(program: Program, spec: Spec) -> Iterator[Draft]:
    """`swap slug=… old=A new=B`: one expression for another; the hint itself says what is wrong."""
    if spec.get("skip"):
        return
    statement = program.statement(spec.line)
    found = [statement.value] if spec.get("old") == "RHS" else find(statement, spec.get("old"))  # type: ignore[attr-defined]
    if not found:
        raise LookupError(f"line {spec.line}: no {spec.get('old')}")
    edits = tuple(put(program, n, pretty(spec.get("new"))) for n in found[: 9 if spec.get("all") else 1])
    lines = (0,) if spec.get("noline") else ()
    yield Draft(spec.get("slug"), "swap", edits, spec, lines, uniform=spec.get("u") == "1")


def replaced(program: Program, spec: Spec) -> Iterator[Draft]:
    """`stmt slug=… new=S`: another statement in its place (`~` stands for a blank)."""
    if spec.get("skip"):
        return
    node = program.statement(spec.line)
    lines = (0,) if spec.get("noline") or spec.get("new") == "pass" else ()
    edit = (*program.span(node), spec.get("new").replace("~", " "))
    yield Draft(spec.get("slug"), "statement", (edit,), spec, lines, uniform=spec.get("u") == "1")


_RANDOM = ("standard_normal", "normal", "uniform", "randn", "random", "rand", "gauss", "random_sample")


def _size(call: ast.Call) -> str | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in _RANDOM:
        return None
    for keyword in call.keywords:
        if keyword.arg == "size":
            return ast.unparse(keyword.value)
    if name in ("randn", "rand"):
        return f"({', '.join(ast.unparse(a) for a in call.args)},)"
    if name == "gauss" or not call.args:
        return ""
    return ast.unparse(call.args[-1])


def initial(program: Program, network: Network) -> Iterator[Draft]:
    """`init` on every random initialisation: all of them made zero, or one constant."""
    zeros: list[Edit] = []
    constants: list[Edit] = []
    for spec in network.of("init"):
        for node in head(program.statement(spec.line)):
            size = _size(node) if isinstance(node, ast.Call) and node.lineno == spec.line else None
            if size is not None:
                zeros.append(put(program, node, f"np.zeros({size})" if size else "0.0"))
                constants.append(put(program, node, f"np.full({size}, 0.5)" if size else "0.3"))
    if zeros:
        first = network.of("init")[0]
        yield Draft("symmetric-initialisation", "zeros", tuple(zeros), first)
        yield Draft("symmetric-initialisation", "constant", tuple(constants), first)


def tidy(text: str) -> str:
    """Squeeze shape tuples such as `(3,)` written by `initial`."""
    return re.sub(r"np\.(zeros|full)\(\((\w+),\)", r"np.\1(\2", text)
