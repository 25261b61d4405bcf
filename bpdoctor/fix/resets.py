"""A sum of gradients that no step clears: assigned anew, or made zero where a step begins or was applied."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import Text, plain
from bpdoctor.fix.zeros import bindings, last_name, read_in, zeros_like
from bpdoctor.model.source import Edit


def cleared(trouble: Trouble) -> Iterator[Change]:
    """The sums that the finding shows, cleared in the ways that programs do it."""
    sums = [s for s in trouble.nearby() if isinstance(s, ast.AugAssign) and isinstance(s.op, ast.Add)]
    sums = [s for s in sums if plain(s.target) and s not in [u.statement for u in trouble.updates]]
    ways = [_assigned(trouble, sums), _after_updates(trouble, sums), _at_the_beginning(trouble, sums)]
    if not sums:
        return
    kept = all(isinstance(s.target, ast.Name) and len(trouble.text.loops(s)) < 2 for s in sums)
    for way in ways if kept else [*ways[1:], ways[0]]:
        yield from way


def _assigned(trouble: Trouble, sums: list[ast.AugAssign]) -> Iterator[Change]:
    """``dW = …`` in place of ``dW += …``."""
    text = trouble.text
    edits = tuple(text.between(s.target, s.value, " = ") for s in sums)
    yield Change(f"write `{text.source(sums[0].target)} = …`", edits)


def _after_updates(trouble: Trouble, sums: list[ast.AugAssign]) -> Iterator[Change]:
    """Zero again as soon as it was applied."""
    known = {last_name(s.target) for s in sums}
    edits: list[Edit] = []
    lines: list[str] = []
    for update in dict.fromkeys((u.text, u.statement) for u in trouble.updates):
        text, statement = update
        value = getattr(statement, "value", None)
        read = read_in(value) if value is not None else []
        found = [e for e in read if last_name(e) in known]
        rounds = [n.id for loop in text.loops(statement) if isinstance(loop, ast.For) for n in _names(loop.target)]
        found = found or [e for e in read if isinstance(e, ast.Name) and e.id in rounds[1:]]
        for gradient in found[-1:]:
            source = text.source(gradient)
            inside = isinstance(gradient, ast.Name) and gradient.id in rounds
            lines.append(f"{source}[...] = 0" if inside else f"{source} = {zeros_like(text, source)}")
            edits.append(text.after(statement, lines[-1]))
    if edits:
        yield Change(f"add `{lines[0]}` after the update", tuple(edits))


def _names(node: ast.AST) -> list[ast.Name]:
    return [n for n in ast.walk(node) if isinstance(n, ast.Name)]


def _at_the_beginning(trouble: Trouble, sums: list[ast.AugAssign]) -> Iterator[Change]:
    """Zero before the loop that sums, and where there is none, at the beginning of the round or of the function."""
    text = trouble.text
    lines = [_zero(text, s) for s in sums]
    loops = [text.loops(s) for s in sums]
    for depth in range(min(map(len, loops)) - 1, -1, -1):
        edits = tuple(text.before(_level(found, depth), line) for found, line in zip(loops, lines, strict=True))
        if depth:
            yield Change(f"begin with `{lines[0]}`", edits)
        else:
            first = [found[-1].body[0] for found in loops]
            edits = tuple(text.before(s, line) for s, line in zip(first, lines, strict=True))
            yield Change(f"begin each round with `{lines[0]}`", edits)
    homes = [text.function(s) for s in sums]
    if not any(loops) and all(isinstance(h, ast.FunctionDef) for h in homes):
        edits = tuple(text.before(h.body[0], line) for h, line in zip(homes, lines, strict=True))  # type: ignore[attr-defined]
        yield Change(f"begin with `{lines[0]}`", edits)


def _level(loops: list[ast.For | ast.While], depth: int) -> ast.For | ast.While:
    """The loop that stands `depth` loops deep."""
    return loops[len(loops) - 1 - depth]


def _zero(text: Text, statement: ast.AugAssign) -> str:
    """The sum's first value, as the program writes it, or zeros of its own shape."""
    target = text.source(statement.target)
    for made in bindings(text, target):
        words = [last_name(n.func) for n in ast.walk(made.value) if isinstance(n, ast.Call)]
        zero = isinstance(made.value, ast.Constant) or any(w.startswith("zeros") for w in words)
        if zero and len(made.targets) == 1 and plain(made.targets[0]):
            return " ".join(text.source(made).split())
    return f"{target} = {zeros_like(text, target)}"


REMEDIES = (Remedy(("gradient-accumulation",), cleared),)
