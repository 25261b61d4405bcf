"""Which rows of the data a step takes as inputs, and which as targets.

Notes
-----
An array is followed back through selections and permutations of its rows to the array that they were made
from. Inputs and targets belong together when the targets are the rows of their own origin that the inputs
are of theirs. A constant shift (the next value of a series) may be meant and is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from bpdoctor.measure.layers import MATRIX, SHAPING, forward_of
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Tape

_FEWEST = 4
_MOST_TARGETS = 12
_KEEPING = frozenset(
    {"astype", "copy", "asarray", "reshape", "float", "array", "view", "ravel", "squeeze", "expand_dims"}
)


@record(eq=False)
class Trace:
    """Versions of an array from its origin on, with the rows of the origin that each holds (None: unknown)."""

    nodes: tuple[int, ...]
    rows: tuple[Any, ...]


@record
class Misaligned:
    """`taken` selects targets by other rows than `inputs` selects inputs; shown for some samples.

    `moved` tells whether the targets ever left their first order. `samples` are (row of the inputs, row of
    the targets), where both are known.
    """

    taken: int
    inputs: int
    moved: bool
    share: float
    samples: tuple[tuple[int, int], ...]


def misaligned(examination: Examination) -> list[Misaligned]:
    """Inputs and targets of the early steps that are rows of different samples."""
    found: list[tuple[Tape, Trace, Trace, Any, Any, Any]] = []
    for view in [*examination.views, *examination.late]:
        inputs = _inputs(examination, view)
        if not inputs or not _lasts(view, inputs[0].nodes[0]):
            continue
        origins: dict[int, list[Trace]] = {}
        for target in _targets(examination, view, inputs[0].nodes[-1]):
            origins.setdefault(target.nodes[0], []).append(target)
        for those in origins.values():
            if len(those) > 1 and any(np.ndim(t.rows[-1]) == 0 for t in those):
                continue  # sample after sample in one step: which belongs to which is not told
            found += _apart(view.tape, inputs, those, begins=view.tape is not examination.tape)
    if not found or _shifted(found):
        return []
    tape, used, target, mine, theirs, same = found[0]
    pairs = zip(mine, theirs, strict=True) if theirs is not None else ()
    samples = tuple((int(a), int(b)) for a, b in pairs if a != b)[:3]
    moved = any(_reorders(r) for r in target.rows) or not any(_reorders(r) for r in used.rows)
    sites = _guilty(tape, target), _guilty(tape, used)
    return [Misaligned(*sites, moved, float(1 - np.mean(same)), samples)]


def _apart(tape: Tape, inputs: list[Trace], targets: list[Trace], *, begins: bool) -> list[Any]:
    """Batches of inputs, each with the batch of targets that it meets and that is made of other rows.

    Notes
    -----
    A step may take several batches (gradients summed over micro-batches). The first batch of inputs meets the
    first of targets, and so on; where their numbers differ, nothing is told. Nor is it where the right
    targets are at hand elsewhere in the step: the order may then be another.
    """
    table = [(t, [_compared(tape, x, t, begins=begins) for x in inputs]) for t in _distinct(tape, targets)]
    table = [(t, row) for t, row in table if any(row)]
    if len(table) != len(inputs):
        return []
    out = []
    for k, (x, (target, row)) in enumerate(zip(inputs, table, strict=True)):
        column = [r[k] for _, r in table]
        if (met := row[k]) and not any(c and c[-1].all() for c in column):
            out.append((tape, x, target, *met))
    return out


def _distinct(tape: Tape, traces: Iterable[Trace]) -> list[Trace]:
    """One trace for each batch, in order."""
    kept: dict[bytes, Trace] = {}
    for trace in traces:
        told = np.asarray(tape.values[trace.nodes[-1]] if trace.rows[-1] is None else trace.rows[-1])
        kept.setdefault(told.tobytes(), trace)
    return list(kept.values())


def _lasts(view: View, origin: int) -> bool:
    """Whether an array was there before the step: data, not something the step computes."""
    return origin < view.step.start or view.tape.nodes[origin].prim == "leaf"


def _guilty(tape: Tape, trace: Trace) -> int:
    """Where rows are taken in another order than the origin's; else the last selection."""
    sites = [tape.nodes[n].site for n, r in zip(trace.nodes[1:], trace.rows[1:], strict=True) if _reorders(r)]
    return sites[0] if sites else tape.nodes[trace.nodes[-1]].site


def _reorders(rows: Any) -> bool:
    return rows is None or bool(np.size(rows) > 1 and (np.diff(rows) != np.diff(rows)[0]).any())


def _shifted(wrong: list[Any]) -> bool:
    """Whether the targets are always the same number of rows away."""
    if any(theirs is None for *_, theirs, _ in wrong):
        return False
    gaps = np.concatenate([np.atleast_1d(mine - theirs) for *_, mine, theirs, _ in wrong])
    return bool((gaps == gaps[0]).all())


def _compared(tape: Tape, inputs: Trace, target: Trace, *, begins: bool) -> tuple[Any, Any, Any] | None:
    """(rows of the inputs, rows of the targets or None, which agree), from the latest common state on."""
    mine = _since(inputs, _made(tape, target, begins))
    theirs = _since(target, _made(tape, inputs, begins))
    if mine is None or theirs is None or len(tape.values[mine[0]]) != len(tape.values[theirs[0]]):
        return None
    rows = mine[1]
    if rows is None or (theirs[1] is not None and np.shape(rows) != np.shape(theirs[1])):
        return None
    if not _moves(mine[1], theirs[1], len(tape.values[mine[0]])):
        return None
    origin, batch = np.asarray(tape.values[theirs[0]]), np.asarray(tape.values[target.nodes[-1]])
    wanted = origin[rows]
    if wanted.size != batch.size:
        return None
    count = max(np.size(rows), 1)
    same = (wanted.reshape(count, -1) == batch.reshape(count, -1)).all(axis=1)
    return np.atleast_1d(rows), None if theirs[1] is None else np.atleast_1d(theirs[1]), same


def _made(tape: Tape, trace: Trace, begins: bool) -> int:
    """When the origin came to be: on a tape that begins in mid-run, what it first sees was there before."""
    origin = trace.nodes[0]
    return -1 if begins and tape.nodes[origin].prim == "leaf" else origin


def _moves(rows: Any, others: Any, count: int) -> bool:
    """Whether anything was selected at all."""
    return others is None or not (np.array_equal(rows, np.arange(count)) and np.array_equal(others, np.arange(count)))


def _since(trace: Trace, origin: int) -> tuple[int, Any] | None:
    """The last version made before `origin`, and the rows of it that the batch holds.

    Notes
    -----
    The other array may have been computed from that version, so what happened to the rows before is settled.
    """
    base = max((i for i, n in enumerate(trace.nodes) if n <= origin), default=0)
    before, last = trace.rows[base], trace.rows[-1]
    if base == 0:
        return trace.nodes[0], last
    if before is None or last is None or np.ndim(before) == 0:
        return None
    places = {int(r): i for i, r in enumerate(before)}
    if len(places) != len(before) or any(int(r) not in places for r in np.atleast_1d(last)):
        return None
    found = np.array([places[int(r)] for r in np.atleast_1d(last)])
    return trace.nodes[base], found if np.ndim(last) else found[0]


def _inputs(examination: Examination, view: View) -> list[Trace]:
    """The batches of data that the network's first products take."""
    found: list[Trace] = []
    for p in forward_of(examination, view).products:
        if view.tape.nodes[p.node].prim not in MATRIX or p.other == CONST or p.other in view.masks:
            continue
        if (trace := _trace(view.tape, p.other)) is not None and len(trace.nodes) > 1:
            found.append(trace)
    alike = [t for t in found if t.nodes[0] == found[0].nodes[0]]
    several = len({t.nodes[-1] for t in alike}) > 1
    return [] if several and np.ndim(alike[0].rows[-1]) == 0 else _distinct(view.tape, alike)


def _targets(examination: Examination, view: View, inputs: int) -> Iterable[Trace]:
    """Data that the loss or the backward pass works with, as an operand or as an index."""
    tape = view.tape
    products = {p.other for p in forward_of(examination, view).products}
    seen: set[int] = set()
    keys: list[Any] = []
    for n in range(view.step.start, view.step.stop):
        if n in view.masks:
            keys += _arrays_in(tape.nodes[n].static.get("key"))
            seen |= {s for s in tape.nodes[n].inputs if s != CONST and s not in view.masks and s not in products}
    linked = [n for n in range(view.step.stop) if _is_key(tape.values[n], keys)] if keys else []
    own = _trace(tape, inputs)
    for n in [*sorted(seen), *linked[-1:]][:_MOST_TARGETS]:
        trace = _trace(tape, n)
        if trace is None or len(tape.values[trace.nodes[0]]) < _FEWEST:
            continue
        if own is None or trace.nodes[0] != own.nodes[0]:
            yield trace


def _arrays_in(key: Any) -> list[Any]:
    parts = key if isinstance(key, tuple) else (key,)
    arrays = [p for p in parts if isinstance(p, np.ndarray) and p.dtype.kind in "iu" and p.size > 1]
    return [p for p in arrays if not np.array_equal(p, np.arange(p.size))]


def _is_key(value: Any, keys: list[Any]) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "iu" and any(np.array_equal(value, k) for k in keys)


def _trace(tape: Tape, node: int) -> Trace | None:
    """Follow an array back along selections of rows."""
    chain: list[tuple[int, Any]] = []
    n = node
    while True:
        entry = tape.nodes[n]
        source = entry.inputs[0] if entry.inputs else CONST
        selected = None if source == CONST else _selected(tape, n, source)
        if selected is None:
            break
        chain.append((n, selected))
        n = source
    if np.ndim(tape.values[n]) == 0:
        return None
    rows: Any = np.arange(len(tape.values[n]))
    nodes, held = [n], [rows]
    for m, selected in reversed(chain):
        if isinstance(selected, str):
            rows = rows if selected == "same" else None
        elif rows is not None:
            # What is taken from a single row are its entries.
            rows = rows[selected] if np.ndim(rows) else None
        nodes.append(m)
        held.append(rows)
    return Trace(tuple(nodes), tuple(held))


def _selected(tape: Tape, n: int, source: int) -> Any | None:
    """What rows of its source a value is: indices, "same", "shuffled" where they cannot be told, or None."""
    node, value, old = tape.nodes[n], np.asarray(tape.values[n]), np.asarray(tape.values[source])
    if old.ndim == 0 or len(node.inputs) != 1:
        return None
    if node.prim in ("getitem", "take"):
        key = node.static.get("key", node.static.get("indices"))
        if node.prim == "take" and node.static.get("axis") not in (0, None if old.ndim == 1 else 0):
            return None
        return _rows_of(key, old)
    if node.prim == "shuffle" and node.static.get("axis", 0) in (0, None):
        return _order(old, value)
    kept = node.prim in _KEEPING or node.prim in SHAPING
    return "same" if kept and value.ndim and len(value) == len(old) and _in_order(old, value) else None


def _in_order(old: Any, value: Any) -> bool:
    count = len(old)
    return bool(value.size == old.size and np.array_equal(old.reshape(count, -1), value.reshape(count, -1)))


def _rows_of(key: Any, old: Any) -> Any | None:
    """Rows that an index takes; None when it is no selection of rows."""
    first, rest = (key[0], key[1:]) if isinstance(key, tuple) and key else (key, ())
    if not _whole(first) and not all(k is None or _whole(k) for k in rest):
        return None
    if isinstance(first, tuple) or first is None or first is Ellipsis:
        return None
    try:
        rows = np.arange(len(old))[first]
    except (IndexError, TypeError):
        return None
    # More rows than there are, or an index by class: a table that is looked up, no selection of samples.
    return None if np.size(rows) > len(old) or np.ndim(rows) > 1 else rows


def _whole(key: Any) -> bool:
    return isinstance(key, slice) and key == slice(None)


def _order(old: Any, value: Any) -> Any:
    """The permutation behind a shuffle; "shuffled" where equal rows leave it open."""
    before, after = (np.ascontiguousarray(x.reshape(len(x), -1)) for x in (old, value))
    places = {row.tobytes(): i for i, row in enumerate(before)}
    if len(places) < len(before) or any(row.tobytes() not in places for row in after):
        return "shuffled"
    return np.array([places[row.tobytes()] for row in after])


MEASURE = Measurement("rows", misaligned)
