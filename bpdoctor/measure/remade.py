"""Parameters that every iteration of a loop makes anew, so that what it learned is lost."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np

from bpdoctor.identify.updates import Iteration, Update, find_iterations, find_updates
from bpdoctor.measure.layers import above
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Tape

# So many repetitions are no repeated experiment.
_MANY = 20


@record
class Remade:
    """The parameter `name`, made at `site`, is updated at `update` and made again by the next round of `loop`."""

    site: int
    name: str
    update: int
    loop: int


def remade(examination: Examination) -> list[Remade]:
    """Trained values that are made within an iteration and replaced by new ones in the next."""
    tape = examination.tape
    found: dict[tuple[int, int], list[tuple[Update, Iteration]]] = {}
    for root, u, around in homes(tape):
        if around:
            found.setdefault((tape.nodes[root].site, around.loop), []).append((u, around))
        elif _learned(tape, u):
            return []  # this one persists over all loops
    learned = {key: [e for e in each if _learned(tape, e[0])] for key, each in found.items()}
    out = [_remade(examination, site, loop, each) for (site, loop), each in learned.items() if each]
    return [] if None in out else [r for r in out if r is not None]


def homes(tape: Tape) -> list[tuple[int, Update, Iteration | None]]:
    """Each update with what its chain begins with and the innermost iteration that makes this; the lasting first."""
    updates, iterations = find_updates(tape), find_iterations(tape)
    before = {u.after: u.before for u in updates}
    out: list[tuple[int, Update, Iteration | None]] = []
    ordered = sorted(iterations, key=lambda i: (i.start, -i.stop))
    outer, starts = _outer(ordered), [i.start for i in ordered]
    for u in updates:
        root = _root(tape, before, u.before)
        made = tape.nodes[root].prim == "made" and not tape.nodes[root].inputs
        # Of what holds the root, each stands in the next: the last that began before it, and what is around that.
        k = bisect_right(starts, root) - 1 if made and root < u.after else -1
        while k >= 0 and ordered[k].stop < u.position:
            k = outer[k]
        out.append((root, u, ordered[k] if k >= 0 else None))
    return sorted(out, key=lambda home: home[2] is not None)


def _outer(ordered: Sequence[Iteration]) -> list[int]:
    """Of each iteration, in the order of their beginnings, the one that it is a part of; -1 for the outermost."""
    out: list[int] = []
    around: list[int] = []
    for k, i in enumerate(ordered):
        while around and ordered[around[-1]].stop < i.stop:
            around.pop()
        out.append(around[-1] if around else -1)
        around.append(k)
    return out


def _remade(examination: Examination, site: int, loop: int, each: list[tuple[Update, Iteration]]) -> Remade | None:
    node = examination.sites[loop].node
    iterations = find_iterations(examination.tape)
    nested = {_nested(iterations, u, i) for u, i in each}
    if len(nested) != 1 or not isinstance(node, ast.For) or not _again(examination, next(iter(nested)), node):
        return None
    rounds = {(i.activation, i.number) for _, i in each}
    if len(rounds) < 2 and not lexically(examination.sites[site].statement, node):
        return None
    return Remade(called(examination, site, node), _name(examination, site), each[0][0].site, loop)


def _learned(tape: Tape, u: Update) -> bool:
    """Whether a value is moved by something computed from it, and floating."""
    moved = any(u.before in above(tape, [t.node]) and np.any(tape.values[t.node]) for t in u.terms)
    return moved and np.asarray(tape.values[u.before]).dtype.kind == "f"


def _root(tape: Tape, before: dict[int, int], n: int) -> int:
    """The version with which a chain of updates begins, scaling and copying of it taken off."""
    while n in before:
        n = before[n]
    while tape.nodes[n].prim in ("multiply", "divide", "subtract", "add", "copy", "reshape"):
        larger = [s for s in tape.nodes[n].inputs if s != CONST and np.size(tape.values[s]) == np.size(tape.values[n])]
        if len(larger) != 1:
            break
        n = larger[0]
    return n


def _nested(iterations: list[Iteration], u: Update, outer: Iteration) -> tuple[int, ...]:
    """The loops between the one that makes a parameter and its update."""
    inner = {
        i.loop for i in iterations if i.depth > outer.depth and i.start <= u.position <= i.stop and u.after >= i.start
    }
    return tuple(sorted(inner))


def _again(examination: Examination, nested: tuple[int, ...], loop: ast.For) -> bool:
    """Whether a loop repeats one training and no experiment.

    It makes one step a round, or one pass over the data; its own variable tells only what is printed.
    """
    if len(nested) > 1 or not only_told(loop):
        return False
    if not nested:
        return True
    inner = examination.sites[nested[0]].node
    return isinstance(inner, ast.For) and over_data(inner) and times(examination, nested[0], loop) >= _MANY


def only_told(loop: ast.For) -> bool:
    """Whether the loop's variable is used for printing and for the question when, and nothing else."""
    names = {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}
    told: set[ast.AST] = set()
    for node in (n for statement in loop.body for n in ast.walk(statement)):
        if isinstance(node, ast.If):
            told |= set(ast.walk(node.test))
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("print", "append", "write"):
            told |= set(ast.walk(node))
    every = (n for statement in loop.body for n in ast.walk(statement))
    return not any(isinstance(n, ast.Name) and n.id in names and n not in told for n in every)


def over_data(loop: ast.For) -> bool:
    """Whether a loop goes through samples or batches: what it counts is used to find them."""
    counted = isinstance(loop.iter, ast.Call) and ast.unparse(loop.iter.func) == "range"
    names = {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}
    subscripts = (n.slice for s in loop.body for n in ast.walk(s) if isinstance(n, ast.Subscript))
    used = {n.id for key in subscripts for n in ast.walk(key) if isinstance(n, ast.Name)}
    return not counted or bool(names & used)


def times(examination: Examination, site: int, loop: ast.For) -> int:
    """How often ``for … in range(n)`` runs, where the text tells; 0 where it does not."""
    call: Any = loop.iter
    if not isinstance(call, ast.Call) or ast.unparse(call.func) != "range" or len(call.args) != 1:
        return 0
    value = call.args[0]
    if isinstance(value, ast.Name):
        tree = ast.parse(examination.sites[site].source.text)
        given = (n.value for n in ast.walk(tree) if isinstance(n, ast.Assign) and _names(n.targets, value.id))
        value = next(given, value)
    return int(value.value) if isinstance(value, ast.Constant) and isinstance(value.value, int) else 0


def _names(targets: list[ast.expr], name: str) -> bool:
    return any(isinstance(t, ast.Name) and t.id == name for t in targets)


def lexically(statement: ast.stmt | None, loop: ast.For) -> bool:
    """Whether a statement is one of the loop's own, under no condition."""
    return any(s is statement or _same(s, statement) for s in loop.body)


def _same(a: ast.stmt, b: ast.stmt | None) -> bool:
    return b is not None and (a.lineno, a.col_offset) == (b.lineno, b.col_offset)


def called(examination: Examination, site: int, loop: ast.For) -> int:
    """The call within the loop by which a parameter is made, where that happens in a function or a class."""
    names = [part.partition(":")[0] for part in examination.sites[site].scope.split(".")]
    scope = names[-2 if names[-1] == "__init__" else -1]
    for index in range(len(examination.sites)):
        place = examination.sites[index]
        inside = place.source is examination.sites[site].source and loop.lineno < place.line <= (loop.end_lineno or 0)
        call = getattr(place.statement, "value", None) if inside else None
        if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] == scope:
            return index
    return site


def _name(examination: Examination, site: int) -> str:
    statement = examination.sites[site].statement
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return ast.unparse(targets[0]) if len(targets) == 1 else "the parameters"


MEASURE = Measurement("remade", remade)
