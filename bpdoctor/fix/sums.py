"""`=` where the terms of a gradient are to be added up: `+=`, with the sum made zero where it begins."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import Text, plain, target_of
from bpdoctor.fix.zeros import bindings, last_name, read_in, zeros_like
from bpdoctor.model.source import Edit


def added_up(trouble: Trouble) -> Iterator[Change]:
    """Each assignment that may overwrite what the round before left, as an addition."""
    for statement in _overwriting(trouble):
        yield from _added(trouble, statement)


def _overwriting(trouble: Trouble) -> list[ast.Assign]:
    """Assignments that keep the last round's value: what the finding shows, what the updates at fault read, others.

    Sums that were begun come first.
    """
    text = trouble.text
    home = text.function(trouble.place)
    homes = [home, *(text.function(u.statement) for u in trouble.guilty if u.text is text)]
    written = [s for h in dict.fromkeys(homes) for s in ast.walk(h) if _single(s) and text.loops(s)]
    used = {text.source(e) for u in trouble.guilty if u.text is text for e in read_in(u.statement)}
    shown = [s for s in trouble.nearby() if _single(s)]
    read = {last_name(e) for u in trouble.guilty for e in read_in(u.statement)}
    shown += [s for s in ast.walk(home) if _single(s) and not text.loops(s) and last_name(s.targets[0]) in read]
    named = [s for s in written if text.source(s.targets[0]) in used]
    found = [s for s in dict.fromkeys([*shown, *named, *written]) if not isinstance(s.value, ast.Constant)]
    found = [s for s in found if not text.loops(s) or _kept_for_later(text, s) or isinstance(s.value, ast.ListComp)]
    return sorted(found, key=lambda s: bool(text.loops(s)) and not _begun(text, s))


def _single(statement: ast.AST) -> TypeGuard[ast.Assign]:
    return isinstance(statement, ast.Assign) and len(statement.targets) == 1 and plain(statement.targets[0])


def _kept_for_later(text: Text, statement: ast.Assign) -> bool:
    """Whether a loop assigns what it never reads: only the last round's value is used."""
    target = text.source(statement.targets[0])
    loop = text.loops(statement)[0]
    read = [e for s in loop.body for e in ast.walk(s) if plain(e) and isinstance(getattr(e, "ctx", None), ast.Load)]
    return not any(text.source(e) == target for e in read)


def _added(trouble: Trouble, statement: ast.Assign) -> Iterator[Change]:
    text, target = trouble.text, statement.targets[0]
    if isinstance(statement.value, ast.ListComp):
        yield from _entries(text, statement, statement.value)
        return
    if text.source(target) in {text.source(e) for e in read_in(statement.value)}:
        return
    edit = text.between(target, statement.value, " += ")
    title = f"write `{text.source(target)} += …`"
    if any(other in text.block(statement) for other in _earlier(text, statement)):
        yield Change(title, (edit,))
    elif not text.loops(statement):
        yield from _over_calls(trouble, statement)
    elif _begun(text, statement):
        yield Change(title, (edit,))
    else:
        for loop in text.loops(statement):
            zero = f"{text.source(target)} = {_zero(trouble, statement)}"
            yield Change(f"{title} and begin with `{zero}`", (text.before(loop, zero), edit))


def _earlier(text: Text, statement: ast.Assign) -> list[ast.Assign]:
    others = bindings(text, text.source(statement.targets[0]), text.function(statement))
    return [other for other in others if other.lineno < statement.lineno]


def _begun(text: Text, statement: ast.Assign) -> bool:
    """Whether the target has a value before the loop."""
    target = text.source(statement.targets[0])
    loop = text.loops(statement)[0]
    others = bindings(text, target, text.function(statement))
    root = next((n for n in ast.walk(statement.targets[0]) if isinstance(n, ast.Name)), None)
    whole = root is not None and isinstance(statement.targets[0], ast.Subscript)
    known = [*others, *(bindings(text, text.source(root), text.function(statement)) if whole and root else ())]
    return any(loop not in text.around(other) for other in known)


def _zero(trouble: Trouble, statement: ast.Assign) -> str:
    """Zeros of the parameter's shape where it is known here by that name."""
    text, home = trouble.text, trouble.text.function(statement)
    for update in trouble.guilty:
        target = target_of(update.statement)
        if update.text is text and plain(target) and text.function(update.statement) is home:
            bound = {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
            targets = [loop.target for loop in text.loops(update.statement) if isinstance(loop, ast.For)]
            rounds = {n.id for each in targets for n in ast.walk(each) if isinstance(n, ast.Name)}
            if not bound & rounds:
                return zeros_like(text, text.source(target))
    return "0.0"


def _over_calls(trouble: Trouble, statement: ast.Assign) -> Iterator[Change]:
    """Attributes that each call overwrites: added to, and made zero again once they were applied.

    First all of a function together, then the one alone.
    """
    text = trouble.text
    home = text.function(statement)
    assigned = [s for s in ast.walk(home) if _single(s) and text.function(s) is home and not text.loops(s)]
    every = [edits for s in assigned if (edits := _summed_over_calls(trouble, s))]
    title = f"write `{text.source(statement.targets[0])} += …` and clear it after the update"
    if len(every) > 1:
        yield Change(f"{title}, and the others alike", tuple(e for edits in every for e in edits))
    yield Change(title, _summed_over_calls(trouble, statement))


def _summed_over_calls(trouble: Trouble, statement: ast.Assign) -> tuple[Edit, ...]:
    """The addition, the zeros after the update, and the first zeros where there are none."""
    text, target = trouble.text, statement.targets[0]
    if not isinstance(target, ast.Attribute):
        return ()
    edit = text.between(target, statement.value, " += ")
    for update in trouble.updates:
        used = [e for e in read_in(update.statement) if isinstance(e, ast.Attribute) and e.attr == target.attr]
        if not used or update.text is not text:
            continue
        source = text.source(used[0])
        after = text.after(update.statement, f"{source} = {zeros_like(text, source)}")
        if any(b is not statement for b in bindings(text, text.source(target))):
            return edit, after
        weight = target_of(update.statement)
        for other in bindings(text, text.source(weight)) if weight is not None else ():
            zero = f"{text.source(target)} = {zeros_like(text, text.source(weight))}"  # type: ignore[arg-type]
            return edit, after, text.after(other, zero)
    return ()


def _entries(text: Text, statement: ast.Assign, value: ast.ListComp) -> Iterator[Change]:
    """``s = [g for g in gs]`` with the entries of the sum so far: ``[total + g for total, g in zip(s, gs)]``."""
    loop, target = value.generators[0], text.source(statement.targets[0])
    used = {n.id for n in ast.walk(value.elt) if isinstance(n, ast.Name)}
    if len(value.generators) > 1 or loop.ifs:
        return
    if isinstance(loop.iter, ast.Call) and isinstance(loop.target, ast.Tuple):
        for name, source in zip(loop.target.elts, loop.iter.args, strict=False):
            if isinstance(name, ast.Name) and name.id not in used and text.source(source) == target:
                sum_ = f"{name.id} + {text.source(value.elt)}"
                yield Change(f"write `{sum_}`", (text.replaced(value.elt, sum_),))
    elif isinstance(loop.target, ast.Name) and plain(loop.iter):
        so_far = next(name for name in ("total", "so_far", "sum_so_far") if name not in used)
        sum_ = f"{so_far} + {text.source(value.elt)}"
        pairs = f"for {so_far}, {loop.target.id} in zip({target}, {text.source(loop.iter)})"
        yield Change(f"write `[{sum_} {pairs}]`", (text.replaced(value, f"[{sum_} {pairs}]"),))


REMEDIES = (
    Remedy(
        (
            "shared-weight-gradient-overwritten",
            "gradient-accumulation",
            "recurrent-gradient-not-carried",
            "wrong-gradient",
            "stale-weights-in-backward",
        ),
        added_up,
    ),
)
