"""Parameters and data held as integers: updates that are refused or cut off, differences that wrap around."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import numpy as np

from bpdoctor.measure.layers import SHAPING, above, heads, is_float
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Store, Tape, Write

_ARITHMETIC = {"subtract": np.subtract, "add": np.add, "multiply": np.multiply, "negative": np.negative}
_NARROW = 2  # bytes: what images and labels come in


@record
class Whole:
    """The array of integers `name`, made at `made`, is to take the update at `update`.

    `kept` is what of the first entry arrives, of `wanted`; None where NumPy raised an exception instead. `families`
    are the gradients that are computed from such an array, where it is none of the parameters itself.
    """

    made: int
    update: int
    name: str
    dtype: str
    wanted: float | None = None
    kept: float | None = None
    families: tuple[int, ...] = ()


@record
class Wrapped:
    """`operation` at `site` left the range of its type: `got` where the value is `right`, for `share` of all."""

    site: int
    operation: str
    dtype: str
    operands: tuple[float, ...]
    got: float
    right: float
    share: float


@record
class Integers:
    """What integers spoil, by the way they do it."""

    refused: tuple[Whole, ...]
    cut: tuple[Whole, ...]
    wrapped: tuple[Wrapped, ...]


def integers(examination: Examination) -> Integers:
    """Every such place once, in order of execution."""
    cut = {
        w.made: w
        for view in examination.views
        for w in (*_cut(view), *_cut_on_the_way(examination, view), *_outputs_cut(examination, view))
    }
    wrapped = {w.site: w for view in examination.views for w in _wrapped(examination, view)}
    refused = _refused(examination)
    return Integers(() if refused is None else (refused,), tuple(cut.values()), tuple(wrapped.values()))


def _whole(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "iu"


def _refused(examination: Examination) -> Whole | None:
    """The update at which NumPy raised its casting error, and the array it was to change."""
    if examination.raised is None:
        return None
    error, span = examination.raised
    target = getattr(error, "to", None)
    if not isinstance(error, TypeError) or getattr(target, "kind", "f") not in "iu" or "output" not in str(error):
        return None
    sites = examination.sites
    here = [
        i
        for i in range(len(sites))
        if sites[i].source.path == span.file and span.line in (sites[i].line, getattr(sites[i].node, "end_lineno", 0))
    ]
    for i in here:
        statement = sites[i].node if isinstance(sites[i].node, ast.AugAssign) else sites[i].statement
        if isinstance(statement, ast.AugAssign):
            found = [(n, name) for n, name in _holding(examination.tape, statement.target) if target is not None]
            if found:
                n, name = found[0]
                return Whole(examination.tape.nodes[_origin(examination.tape, n)].site, i, name, str(target))
    return None


def _holding(tape: Tape, target: ast.AST) -> Iterator[tuple[int, str]]:
    """Integer arrays bound to the name that a statement changes, the last first."""
    while isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Constant):
        target = target.value
    name = getattr(target, "id", getattr(target, "attr", ast.unparse(target)))
    for event in reversed(tape.events):
        if isinstance(event, Store) and event.name.endswith(name) and _whole(tape.values[event.node]):
            yield event.node, ast.unparse(target)


def _origin(tape: Tape, n: int) -> int:
    """Where an array was made, looking through views of it but not through a change of its type."""
    while tape.nodes[n].prim in SHAPING - {"astype", "array", "asarray"} and CONST not in tape.nodes[n].inputs[:1]:
        n = tape.nodes[n].inputs[0]
    return n


def _cut(view: Any) -> Iterator[Whole]:
    """Updates of a parameter whose fractions are lost when they are written."""
    tape: Tape = view.tape
    names = {e.node: e.name for e in tape.events if isinstance(e, Store)}
    writes = {e.after: e for e in tape.events if isinstance(e, Write)}
    for chain in view.step.parameters:
        for update in chain.updates:
            if update.after not in writes or not _whole(tape.values[update.after]):
                continue
            given = [s for s in tape.nodes[update.after].inputs if s != CONST and is_float(tape.values[s])]
            for wanted in map(_fraction, (tape.values[s] for s in given)):
                if wanted is not None:
                    first = _first(tape, chain.start)
                    name = names.get(first, "the parameter")
                    dtype = str(tape.values[update.after].dtype)
                    yield Whole(tape.nodes[first].site, update.site, name, dtype, wanted, float(np.trunc(wanted)))


def _cut_on_the_way(examination: Examination, view: Any) -> Iterator[Whole]:
    """Arrays of the backward pass into which errors are written that lose their fractions there."""
    tape, ends = view.tape, heads(examination, view)
    forward = above(tape, ends)
    ways = [view.backward(family) for family in view.families] if ends else []
    changed = {c.start for c in view.step.parameters} | {u.after for c in view.step.parameters for u in c.updates}
    writes = [e for e in tape.events if isinstance(e, Write) and view.step.start <= e.after < view.step.stop]
    names = {e.node: e.name for e in tape.events if isinstance(e, Store)}
    for write in writes:
        node, value = tape.nodes[write.after], tape.values[write.after]
        if not _whole(value) or write.after in forward or write.after in changed:
            continue
        families = tuple(k for k, way in enumerate(ways) if write.after in way)
        given = (tape.values[s] for s in node.inputs if s in view.masks and is_float(tape.values[s]))
        wanted = next((f for f in map(_fraction, given) if f is not None), None)
        if families and wanted is not None:
            first = _first(tape, write.before)
            name, dtype = names.get(first, "the array"), str(value.dtype)
            yield Whole(tape.nodes[first].site, write.site, name, dtype, wanted, float(np.trunc(wanted)), families)


def _outputs_cut(examination: Examination, view: Any) -> Iterator[Whole]:
    """Arrays into which outputs are written that lose their fractions there, where no gradient is made of the outputs.

    What reads whole numbers depends on nothing: a gradient that is made of them is wrong, and not by its formulas.
    """
    off = _constant(examination)
    if not off:
        return
    tape, step = view.tape, view.step
    writes = [e for e in tape.events if isinstance(e, Write) and step.start <= e.after < step.stop]
    lossy = {e.after for e in writes if _whole(tape.values[e.after]) and tape.values[e.after].dtype.itemsize > _NARROW}
    taken = set().union(*(view.backward(view.families[k], lossy) for k in off))
    names = {e.node: e.name for e in tape.events if isinstance(e, Store)}
    for write in (e for e in writes if e.after in lossy):
        given = [s for s in tape.nodes[write.after].inputs if s in view.forward and is_float(tape.values[s])]
        wanted = next((f for s in given if (f := _fraction(tape.values[s])) is not None), None)
        if wanted is not None and not taken & set(given):
            first = _first(tape, write.before)
            name, kept = names.get(first, "the array"), float(np.trunc(wanted))
            yield Whole(tape.nodes[first].site, write.site, name, str(tape.values[first].dtype), wanted, kept, off)


def _constant(examination: Examination) -> tuple[int, ...]:
    """Families on which the loss does not depend and that have a gradient all the same; all, where none is right."""
    assessment = examination.assessment
    if assessment is None:
        return ()
    off = [k for k, o in enumerate(assessment.outcomes) if o.status in ("wrong", "vacuous")]
    if len(off) == len(assessment.outcomes):
        return tuple(off)
    references = assessment.trials[0].references
    return tuple(k for k in off if assessment.outcomes[k].status == "wrong" and not np.any(references[k]))


def _fraction(value: Any) -> float | None:
    """The first entry that is no whole number."""
    entries = np.asarray(value).ravel()
    lost = np.flatnonzero(entries != np.trunc(entries))
    return float(entries[lost[0]]) if lost.size else None


def _first(tape: Tape, n: int) -> int:
    """The first version of an array."""
    before = {e.after: e.before for e in tape.events if isinstance(e, Write)}
    while n in before:
        n = before[n]
    return n


def _wrapped(examination: Examination, view: Any) -> Iterator[Wrapped]:
    """Arithmetic of small integers in the computation of the loss and of the gradients that left their range."""
    tape: Tape = view.tape
    roots = [c.node for c in view.claims if c.node is not None]
    for n in sorted(above(tape, [*heads(examination, view), *roots])):
        node, value = tape.nodes[n], tape.values[n]
        if node.prim not in _ARITHMETIC or not _whole(value) or value.dtype.itemsize > _NARROW:
            continue
        given = [c if s == CONST else tape.values[s] for s, c in zip(node.inputs, node.consts, strict=True)]
        operands = [np.asarray(g, dtype=float) for g in given]
        right = np.broadcast_to(_ARITHMETIC[node.prim](*operands), value.shape)
        wrong = right != value
        if wrong.any():
            shown = tuple(float(np.broadcast_to(o, value.shape)[wrong][0]) for o in operands)
            got, wanted = float(value[wrong][0]), float(right[wrong][0])
            yield Wrapped(node.site, node.prim, str(value.dtype), shown, got, wanted, float(wrong.mean()))


MEASURE = Measurement("integers", integers)
