"""Two names for one array or list where two arrays are meant."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Store, Tape, Write

_FRESH = (ast.List, ast.ListComp, ast.Call, ast.Dict)
_NEAR = 4


@record
class Alias:
    """At `site` a second name is given to what `name` holds; `kind` tells how it was proved, `seen` where.

    `path` is the place of an array in the dictionary or list that was kept.
    """

    kind: str
    site: int
    name: str
    seen: int
    path: str = ""


def aliases(examination: Examination) -> list[Alias]:
    """Everything found, once for each place."""
    out: dict[int, Alias] = {}
    for view in examination.views:
        for search in (repeated_rows, rescaled_twice, first_velocity, self_differences, snapshots):
            for found in search(examination, view):
                out.setdefault(found.site, found)
    return list(out.values())


def _base(node: ast.AST | None) -> str:
    """The name through which a place is written or read, without subscripts."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def _target(node: ast.AST) -> ast.AST:
    """What a statement assigns to, from its recorded place."""
    return node.target if isinstance(node, ast.AugAssign) else node


def _trained(view: View) -> set[int]:
    """All versions of parameters and optimiser state in a step, and those before it."""
    chains = (*view.step.parameters, *view.step.state)
    out = {n for c in chains for u in c.updates for n in (u.before, u.after)} | {c.start for c in chains}
    for event in reversed(view.tape.events):
        kept = isinstance(event, Store) and event.slot[0] == "item" and event.node in out
        if (kept or (isinstance(event, Write) and event.after in out)) and event.before != CONST:
            out.add(event.before)
    return out


# ---- ``[[0.0] * n] * m``


def repeated_rows(examination: Examination, view: View) -> Iterator[Alias]:
    """Rows that are one list or array, made by repeating a list with a new one in it."""
    trained = _trained(view)
    updates = [u for c in view.step.parameters for u in c.updates]
    entries = any(isinstance(_target(examination.sites[u.site].node), ast.Subscript) for u in updates)
    for event in view.tape.events:
        statement = examination.sites[event.site].statement if isinstance(event, Store) else None
        if not isinstance(event, Store) or event.node not in trained or not event.name.endswith("]"):
            continue
        if _repeats(getattr(statement, "value", None)) and (
            entries or isinstance(view.tape.values[event.node], np.ndarray)
        ):
            yield Alias("rows", event.site, event.name.partition("[")[0], event.site)
            return


def _repeats(value: ast.AST | None) -> bool:
    """``[new object] * n``."""
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Mult):
        return False
    rows = [x for x in (value.left, value.right) if isinstance(x, ast.List)]
    return bool(rows) and all(isinstance(x, _FRESH) for x in rows[0].elts)


# ---- ``v = m``


def rescaled_twice(examination: Examination, view: View) -> Iterator[Alias]:
    """One buffer that two statements decay in every step, each under a name of its own."""
    tape, sites = view.tape, examination.sites
    cells: dict[Any, dict[str, int]] = defaultdict(dict)
    buffers: dict[int, int] = {}
    for event in tape.events:
        if not view.step.start <= event.position <= view.step.stop or not isinstance(event, Store | Write):
            continue
        new, old = (event.node, event.before) if isinstance(event, Store) else (event.after, event.before)
        if isinstance(event, Write):
            buffers[new] = buffers.get(old, old)
        name = _base(_target(sites[event.site].node))
        if not name or old == CONST or not _decays(tape, new, old):
            continue
        lasting = isinstance(event, Write) or event.slot[0] == "item"
        cell = event.slot if isinstance(event, Store) else buffers[new]
        if lasting:
            cells[cell].setdefault(name, event.site)
    for names in cells.values():
        if len(names) > 1:
            (first, one), (second, two) = list(names.items())[:2]
            made = _bound(examination, tape, second, first) or _bound(examination, tape, first, second)
            if sites[one].scope == sites[two].scope:
                yield Alias("decayed", two if made is None else made, first, two)


def _decays(tape: Tape, new: int, old: int) -> bool:
    """Whether a new value holds the old one times a number."""
    level = {new}
    for _ in range(_NEAR):
        for n in level:
            node = tape.nodes[n]
            if node.prim == "multiply" and old in node.inputs:
                other = node.inputs[1 - node.inputs.index(old)]
                return np.size(tape.values[other]) == 1 if other != CONST else True
        level = {s for n in level if tape.nodes[n].prim in ("add", "subtract") for s in tape.nodes[n].inputs if s >= 0}
    return False


def _bound(examination: Examination, tape: Tape, name: str, to: str) -> int | None:
    """The statement ``name = to``."""
    for event in tape.events:
        if isinstance(event, Store):
            made = examination.sites[event.site].statement
            targets = made.targets if isinstance(made, ast.Assign) and _base(made.value) == to else []
            if any(_base(t) == name for t in targets):
                return event.site
    return None


# ---- ``velocity = W``


def first_velocity(examination: Examination, view: View) -> Iterator[Alias]:
    """A velocity whose first value is the parameter itself.

    In the first step parameter and velocity are one array, so that this may be taken for no step of training.
    """
    start = -1 if view is examination.views[0] else view.step.start
    for event in view.tape.events:
        if not isinstance(event, Store) or not start < event.position <= view.step.stop:
            continue
        if event.before != CONST and event.slot[0] != "name":
            yield from _started_as(examination, view, event)


def _started_as(examination: Examination, view: View, event: Store) -> Iterator[Alias]:
    """The store of a velocity ``mu * w - lr * g``, with which ``w`` itself is then moved."""
    tape = view.tape
    w, v = event.before, event.node
    if not isinstance(tape.values[w], np.ndarray) or not _decays(tape, v, w):
        return
    for n in range(v + 1, view.step.hi):
        node = tape.nodes[n]
        if node.prim in ("add", "subtract") and node.inputs == (w, v):
            own = _base(_target(examination.sites[event.site].node))
            moved = _base(_target(examination.sites[node.site].node))
            if own and moved and own != moved:
                made = _put(examination, own)
                yield Alias("velocity", event.site if made is None else made, moved, node.site)
            return


def _put(examination: Examination, name: str) -> int | None:
    """The expression that first fills a list: ``name.append(x)``."""
    for index in range(len(examination.sites)):
        node = examination.sites[index].node
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
            continue
        appended = node.func.attr == "append" and isinstance(node.args[0], ast.Name | ast.Attribute)
        if appended and ast.unparse(node.func.value) == name:
            return index
    return None


# ---- ``W_old = W``


def self_differences(examination: Examination, view: View) -> Iterator[Alias]:
    """``W - W_old`` where both names are one array, every time: always zero.

    Before the loop the second may have been a copy: what counts are the steps after the first, where there are any.
    """
    tape, trained = view.tape, _trained(view)
    first = examination.views[0].step
    if view is examination.views[0] and len(examination.views) > 1:
        return
    later = tape.nodes if len(examination.views) == 1 else tape.nodes[first.stop :]
    different = {n.site for n in later if n.prim == "subtract" and len(set(n.inputs)) > 1}
    for node in tape.nodes[view.step.start : view.step.hi]:
        expression = examination.sites[node.site].node
        if node.prim != "subtract" or node.site in different or node.inputs[0] not in trained:
            continue
        if isinstance(expression, ast.BinOp):
            left, right = _base(expression.left), _base(expression.right)
            if left and right and left != right and np.size(tape.values[node.inputs[0]]) > 1:
                made = _bound(examination, tape, right, left) or _bound(examination, tape, left, right)
                if made is not None:
                    yield Alias("difference", made, left, node.site)


# ---- ``best = W``


def snapshots(examination: Examination, view: View) -> Iterator[Alias]:
    """A parameter kept now and then under another name, and then overwritten in place."""
    tape, sites = view.tape, examination.sites
    written = {e.before: e for e in tape.events if isinstance(e, Write)}
    trained = _trained(view)
    for event in tape.events:
        if isinstance(event, Write) and event.before in trained:
            trained.add(event.after)
    kept: dict[tuple[Any, ...], list[Store]] = defaultdict(list)
    before = {e.slot for e in tape.events if isinstance(e, Store) and e.position < examination.views[0].step.start}
    for event in tape.events:
        if isinstance(event, Store) and event.node in written and event.node in trained and event.slot not in before:
            kept[event.slot].append(event)
    for events in kept.values():
        first = events[0]
        name = _base(_target(sites[first.site].node))
        writer = _base(_target(sites[written[first.node].site].node))
        several = len({e.node for e in events}) > 1 and {e.site for e in events} == {first.site}
        if name and several and name != writer and _now_and_then(examination, view, first.site, name):
            path = first.slot[-1] if first.name.endswith("]") else ""
            yield Alias("snapshot", first.site, writer, written[first.node].site, str(path))
            return


def _now_and_then(examination: Examination, view: View, site: int, name: str) -> bool:
    """Whether a statement stands under a condition within the training loop, and what it stores is used after it.

    Where the steps have a loop of their own, within the loop of the statement: under a condition that tells the best.
    """
    training = examination.sites[view.step.loop].node if view.step.loop is not None else None
    statement = examination.sites[site].statement
    if not isinstance(training, ast.For | ast.While) or statement is None:
        return False
    tree = ast.parse(examination.sites[site].source.text)
    loops = [n for n in ast.walk(tree) if isinstance(n, ast.For | ast.While) and _holds(n, statement)]
    around = {n.end_lineno or 0 for n in loops if n.lineno == training.lineno}
    branches = [n for n in ast.walk(tree) if isinstance(n, ast.If) and n.body[0].lineno <= statement.lineno]
    branches = [n for n in branches if _holds(n, statement)]
    ends = {
        end for n in branches for end in around or {o.end_lineno or 0 for o in loops[:1] if _best(n) and _holds(o, n)}
        if not around or n.lineno > training.lineno
    }  # fmt: skip
    reads = [n for n in ast.walk(tree) if isinstance(n, ast.Name | ast.Attribute) and isinstance(n.ctx, ast.Load)]
    return any(ast.unparse(n) == name and n.lineno > end for n in reads for end in ends)


def _holds(outer: ast.stmt, inner: ast.stmt) -> bool:
    return outer.lineno <= inner.lineno and (inner.end_lineno or 0) <= (outer.end_lineno or 0)


def _best(branch: ast.If) -> bool:
    """``if loss < best: best = loss``: what the condition reads is set where it holds."""
    read = {ast.unparse(n) for n in ast.walk(branch.test) if isinstance(n, ast.Name | ast.Attribute)}
    body = (n for statement in branch.body for n in ast.walk(statement))
    made = {ast.unparse(n) for n in body if isinstance(n, ast.Name | ast.Attribute) and isinstance(n.ctx, ast.Store)}
    return isinstance(branch.test, ast.Compare | ast.BoolOp) and bool(read & made)


MEASURE = Measurement("aliased", aliases)
