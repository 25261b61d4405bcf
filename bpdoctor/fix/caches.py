"""What a forward pass leaves for the backward pass: put away each time, by each layer itself, and the right thing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import Function, Text, plain, target_of
from bpdoctor.fix.zeros import bindings, last_name, read_in

_SHOULD = re.compile(r"the same with `([^`]+)` of line (\d+)")


def each_time(trouble: Trouble) -> Iterator[Change]:
    """``self.x = x if self.x is None else self.x``, or the same as a condition around it, without the condition."""
    text = trouble.text
    for statement in trouble.nearby():
        target = target_of(statement)
        if not plain(target):
            continue
        value, own = getattr(statement, "value", None), text.source(target)
        if isinstance(value, ast.IfExp):
            for branch in (value.body, value.orelse):
                if own not in {text.source(e) for e in read_in(branch)}:
                    written = text.source(branch)
                    yield Change(f"write `{own} = {written}`", (text.replaced(value, written),))
        around = text.parents.get(statement)
        if isinstance(around, ast.If) and not around.orelse and around.body == [statement]:
            asked = [text.source(n) for n in ast.walk(around.test) if isinstance(n, ast.expr)]
            if own in asked or repr(last_name(target)) in [a.replace('"', "'") for a in asked]:
                written = text.source(statement)
                yield Change(f"write `{written}` each time", (text.replaced(around, written),))


def one_each(trouble: Trouble) -> Iterator[Change]:
    """A layer that stands in the network more than once: each time one of its own."""
    text, home = trouble.text, trouble.text.function(trouble.place)
    owner = next((n for n in text.around(home) if isinstance(n, ast.ClassDef)), None)
    if owner is None:
        return
    for made in ast.walk(text.tree):
        if not isinstance(made, ast.Assign) or len(made.targets) != 1 or not plain(made.targets[0]):
            continue
        if isinstance(made.value, ast.Call) and text.source(made.value.func) == owner.name:
            name, written = text.source(made.targets[0]), text.source(made.value)
            for listed in ast.walk(text.tree):
                if isinstance(listed, ast.List | ast.Tuple | ast.Call):
                    again = [e for e in _items(listed) if plain(e) and text.source(e) == name][1:]
                    if again:
                        edits = tuple(text.replaced(e, written) for e in again)
                        yield Change(f"write `{written}` for each `{name}` after the first", edits)


def _items(node: ast.List | ast.Tuple | ast.Call) -> list[ast.expr]:
    return node.args if isinstance(node, ast.Call) else node.elts


def other_passes_later(trouble: Trouble) -> Iterator[Change]:
    """Another call of the forward pass, between the one of the loss and its backward pass, moved behind both."""
    text = trouble.text
    home = text.function(trouble.place)
    if not isinstance(home, Function):
        return
    reached = _reaching(text, home.name)
    for update in trouble.updates:
        if update.text is not text:
            continue
        for loop in text.loops(update.statement) or _calling(text, text.function(update.statement)):
            block = loop.body
            calls = [s for s in block if not isinstance(s, ast.For | ast.While | ast.If) and _calls(s, reached)]
            for statement in calls[1:] if len(calls) > 1 else ():
                last = next((s for s in reversed(block) if not _printing(s)), block[-1])
                if last is not statement:
                    moved = text.source(statement)
                    title = f"move `{moved.splitlines()[0].strip()}` below line {last.end_lineno}"
                    yield Change(title, (text.removed(statement), text.after(last, moved)))


def _reaching(text: Text, name: str) -> set[str]:
    """Names of functions that call one, and those that call these."""
    found = {name}
    for _ in range(3):
        for node in ast.walk(text.tree):
            if isinstance(node, Function) and node.name != "__init__" and any(_calls(s, found) for s in node.body):
                found.add(node.name)
    return found


def _calls(statement: ast.stmt, names: set[str]) -> bool:
    return any(isinstance(n, ast.Call) and last_name(n.func) in names for n in ast.walk(statement))


def _calling(text: Text, home: ast.AST) -> list[ast.For | ast.While]:
    """Loops that call a function."""
    name = getattr(home, "name", "")
    return [
        n for n in ast.walk(text.tree) if isinstance(n, ast.For | ast.While) and any(_calls(s, {name}) for s in n.body)
    ]


def _printing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If | ast.Expr)


def the_right_one(trouble: Trouble) -> Iterator[Change]:
    """Another name in the tuple that is put away: what the forward pass had there."""
    text, statement = trouble.text, trouble.statement
    found = next((f for fact in trouble.facts if (f := _SHOULD.search(fact))), None)
    packed = [n for n in ast.walk(statement) if isinstance(n, ast.Tuple)] if statement is not None else []
    if found is None or statement is None or not packed:
        return
    for name in dict.fromkeys(_names(text, found[1], int(found[2]), statement)):
        written = [text.source(e) for e in packed[0].elts]
        # What is put away twice, or under a similar name, stands for the other first.
        for element in sorted(
            packed[0].elts, key=lambda e: (-written.count(text.source(e)), not _akin(text.source(e), name))
        ):
            if text.source(element) != name and name not in written:
                title = f"put `{name}` away in place of `{text.source(element)}`"
                yield Change(title, (text.replaced(element, name),))


def _names(text: Text, written: str, line: int, statement: ast.stmt) -> Iterator[str]:
    """What a value is called in the function that puts it away; a second name first, which lasts longer."""
    home = text.function(statement)
    made = [n for n in ast.walk(home) if isinstance(n, ast.Assign)]
    own = {text.source(t) for n in made if n.lineno <= line <= (n.end_lineno or line) for t in n.targets if plain(t)}
    arguments = [a.arg for a in home.args.args] if isinstance(home, Function) else []
    if written in arguments or any(True for _ in bindings(text, written, home)):
        own.add(written)
    yield from (text.source(t) for n in made if text.source(n.value) in own for t in n.targets if plain(t))
    yield from sorted(own)


def _akin(a: str, b: str) -> bool:
    return a[:1] == b[:1]


REMEDIES = (
    Remedy(("stale-cache",), each_time),
    Remedy(("stale-cache",), one_each),
    Remedy(("stale-cache",), the_right_one),
    Remedy(("stale-cache",), other_passes_later),
)
