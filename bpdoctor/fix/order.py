"""Weights read after their update: the update moved down, the reading moved up, or the old weights kept."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import PLAIN, Text, plain, target_of
from bpdoctor.fix.zeros import last_name

_FRESH = ("below", "carried", "error_below", "error_to_pass_on")


def in_order(trouble: Trouble) -> Iterator[Change]:
    """Every way to let the expression see the weights of the forward pass."""
    text, use = trouble.text, trouble.statement
    for place in trouble.related:
        update = place.text.statement(place.node)
        if use is None or update is None or place.text is not text or update is use:
            continue
        block = text.block(update)
        if use in block and block.index(update) < block.index(use):
            if not isinstance(use, ast.Return):
                yield _moved(text, update, use)
            yield from _read_first(trouble, update)
        first, then = _in_one_block(text, update, use)
        if first is not None and then is not None and then is not use:
            yield _moved(text, first, then)
        yield from _old_ones(trouble, update)


def _in_one_block(text: Text, update: ast.stmt, use: ast.stmt) -> tuple[ast.stmt | None, ast.stmt | None]:
    """Two statements that follow each other: one is or holds the update, the other is or holds the use."""
    for outer in (n for n in (update, *text.around(update)) if isinstance(n, ast.stmt)):
        block = text.block(outer)
        holder = next((s for s in block if s is use or s in text.around(use)), None)
        if holder is not None:
            later = holder is not outer and block.index(outer) < block.index(holder)
            return (outer, holder) if later else (None, None)
    return None, None


def _moved(text: Text, update: ast.stmt, use: ast.stmt) -> Change:
    source = text.source(update)
    title = f"move `{source.splitlines()[0].strip()}` below line {use.end_lineno}"
    return Change(title, (text.removed(update), text.after(use, source)))


def _read_first(trouble: Trouble, update: ast.stmt) -> Iterator[Change]:
    """The value computed before the update under a name of its own."""
    text, node = trouble.text, trouble.place
    if isinstance(node, ast.stmt):
        node = getattr(node, "value", None) or node
    if isinstance(node, ast.expr):
        used = {n.id for n in ast.walk(text.tree) if isinstance(n, ast.Name)}
        name = next((n for n in _FRESH if n not in used), None)
        if name is not None:
            line = f"{name} = {text.source(node)}"
            edits = (text.before(update, line), text.replaced(node, name))
            yield Change(f"compute `{text.source(node)}` before the update", edits)


def _old_ones(trouble: Trouble, update: ast.stmt) -> Iterator[Change]:
    """A copy of the weights made before they change, and read afterwards."""
    text, target = trouble.text, target_of(update)
    if not isinstance(target, PLAIN):
        return
    root = target.value if isinstance(target, ast.Subscript) else target
    found = [n for n in ast.walk(trouble.place) if isinstance(n, PLAIN) and type(n) is type(root)]
    read = [n for n in found if last_name(n) == last_name(root)]
    if not read:
        return
    if isinstance(target, ast.Attribute):
        name = f"{target.attr}_before"
        line = f"{text.source(target.value)}.{name} = {text.source(target)}.copy()"
        edits = [text.replaced(n, f"{text.source(n.value)}.{name}") for n in read if isinstance(n, ast.Attribute)]
        yield Change(f"keep `{line}` before the update", (text.before(update, line), *edits))
    loops = text.loops(update)
    if isinstance(target, ast.Subscript) and plain(root) and loops:
        name = f"{last_name(root)}_before"
        line = f"{name} = [w.copy() for w in {text.source(root)}]"
        edits = [text.replaced(n, name) for n in read]
        yield Change(f"keep `{line}` before the updates", (text.before(loops[0], line), *edits))


REMEDIES = (Remedy(("stale-weights-in-backward",), in_order),)
