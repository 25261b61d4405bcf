"""What a program does with its network once it is trained: noise of training, and statistics of one sample."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from bpdoctor.autodiff.ordered import levels
from bpdoctor.identify.dependence import ancestors
from bpdoctor.identify.updates import find_updates
from bpdoctor.measure.layers import backward_nodes, forward_of
from bpdoctor.measure.modes import told_at
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Tape

# So many passes over the same values are an average over masks, on purpose.
_SAMPLING = 3


@record
class Evaluated:
    """A step of training at `site` is made at evaluation too.

    `kind` is "dropout" (`share` of the entries are dropped there), "statistics" (the batch is a single
    sample, so that what is normalised is 0 whatever the sample is) or "averages" (running averages are kept, and
    what is evaluated is normalised by its own). `told` is the call that set the mode of training, where one did.
    """

    kind: str
    site: int
    share: float
    told: int


def evaluated(examination: Examination) -> list[Evaluated]:
    """What the code after the last step does that belongs to training."""
    tape, late = examination.after, [v for v in examination.late if v.tape is examination.after]
    if tape is None or not late or not examination.views:
        return []
    end = late[-1].step.hi
    trained = {f.site for f in late[-1].families}
    if any(node.site in trained for node in tape.nodes[end:]):
        return []  # training goes on
    after, within = [(tape, n) for n in range(end, len(tape))], _within(examination)
    dropped = list(_dropped(examination, after)) or list(_dropped(examination, within))
    return [*dropped, *_single(examination, tape, end), *_own(examination, tape, [*after, *within])]


def _within(examination: Examination) -> list[tuple[Tape, int]]:
    """What the early steps do for its own sake, or what runs between them, with other samples than they learn from.

    A shorter last batch is none of that: an update is made of it.
    """
    tape, views = examination.tape, [v for v in examination.views if v.tape is examination.tape]
    if not views:
        return []
    recorded = dict.fromkeys(range(views[0].step.lo, len(tape)), 0)
    used = ancestors(tape, [t.node for u in find_updates(tape) for t in u.terms], recorded)
    rows: dict[int, set[tuple[int, ...]]] = defaultdict(set)
    for view in views:
        forward = forward_of(examination, view)
        used |= forward.nodes | backward_nodes(view)
        for n in forward.nodes:
            rows[tape.nodes[n].site].add(_taken(tape, n))
    found = (n for n in recorded if n not in used and tape.nodes[n].site in rows)
    return [(tape, n) for n in found if _taken(tape, n) not in rows[tape.nodes[n].site]]


def _taken(tape: Tape, n: int) -> tuple[int, ...]:
    """How many rows an operation takes in."""
    source = next((s for s in tape.nodes[n].inputs if s != CONST), n)
    shape: tuple[int, ...] = np.shape(tape.values[source])
    return shape[:1]


def _dropped(examination: Examination, nodes: Iterable[tuple[Tape, int]]) -> Iterator[Evaluated]:
    """Masks that are redrawn at every step of training, and drawn once more at evaluation."""
    drawn = _masks(examination)
    uses: dict[int, list[tuple[Any, float, int]]] = defaultdict(list)
    for tape, n in nodes:
        node = tape.nodes[n]
        if node.site in drawn:
            i = drawn[node.site]
            mask = _mask(tape, n, i)
            if mask is not None and node.inputs[1 - i] != CONST:
                places = [n] if node.inputs[i] == CONST else [n, node.inputs[i]]
                calls = [told_at(tape, k, examination.sites) for k in places]
                told = next((c for c, k in zip(calls, places, strict=True) if c != tape.nodes[k].site), node.site)
                uses[node.site].append((tape.values[node.inputs[1 - i]], float(np.mean(mask == 0)), told))
    for site, found in uses.items():
        alike = max(sum(np.array_equal(a, b) for a, _, _ in found) for b, _, _ in found)
        if alike < _SAMPLING:
            yield Evaluated("dropout", site, *found[0][1:])


def _masks(examination: Examination) -> dict[int, int]:
    """Sites in the forward pass that multiply with zeros and one other number, anew in every step."""
    views = [v for v in examination.views if v.tape is examination.tape]
    if len(views) < 2:
        return {}
    first, out = views[0], {}
    for n in _hidden(first) & set(forward_of(examination, first).nodes):
        for i in (0, 1):
            places = [v.by_key.get(first.keys.get(n, (0, -1)), -1) for v in views]
            masks = [m for v, k in zip(views, places, strict=True) if (m := _mask(v.tape, k, i)) is not None]
            redrawn = len(masks) == len(views) and not all(np.array_equal(m, masks[0]) for m in masks)
            if redrawn and first.tape.nodes[n].inputs[i] not in first.forward:
                out[first.tape.nodes[n].site] = i
    return out


def _hidden(view: View) -> set[int]:
    """What parameters are applied to later: labels that choose among outputs are no mask."""
    nodes, starts = view.tape.nodes, view.starts
    beside = (s for n in view.forward if starts & set(nodes[n].inputs) for s in nodes[n].inputs)
    return ancestors(view.tape, {s for s in beside if s != CONST and s not in starts}, view.masks)


def _mask(tape: Tape, n: int, i: int) -> Any | None:
    if n < 0 or tape.nodes[n].prim != "multiply" or len(tape.nodes[n].inputs) != 2:
        return None
    source = tape.nodes[n].inputs[i]
    value = np.asarray(tape.nodes[n].consts[i] if source == CONST else tape.values[source])
    if value.ndim == 0 or value.shape != np.shape(tape.values[n]) or value.dtype.kind not in "biuf":
        return None
    different = levels(value.astype(np.float64))
    return value if len(different) == 2 and different[0] == 0 and different[1] > 0 else None


def _single(examination: Examination, tape: Tape, end: int) -> Iterator[Evaluated]:
    """Batch means of several samples in training, and of one afterwards."""
    view = examination.views[0]
    sites = set()
    for n in forward_of(examination, view).nodes:
        node = view.tape.nodes[n]
        if node.prim == "mean" and node.static.get("axis") == 0 and _rows(view.tape, node.inputs[0]) > 1:
            sites.add(node.site)
    seen: set[int] = set()
    for n in range(end, len(tape)):
        node = tape.nodes[n]
        if node.site in sites - seen and node.prim == "mean" and _rows(tape, node.inputs[0]) == 1:
            seen.add(node.site)
            yield Evaluated("statistics", node.site, 1.0, node.site)


def _own(examination: Examination, tape: Tape, nodes: Iterable[tuple[Tape, int]]) -> Iterator[Evaluated]:
    """Statistics of the batch at evaluation, where running averages of them are kept and nothing ever reads them."""
    sites = _statistics(examination)
    found = ((t, n) for t, n in nodes if t.nodes[n].site in sites and _rows(t, t.nodes[n].inputs[0]) > 1)
    where, n = next(found, (tape, CONST))
    if n != CONST and len(_unread(examination, tape, sites)) > 1:
        yield Evaluated("averages", where.nodes[n].site, 1.0, told_at(where, n, examination.sites))


def _unread(examination: Examination, tape: Tape, sites: set[int]) -> set[Any]:
    """Statements that keep a running average of statistics which no other statement reads."""
    found: dict[Any, set[int]] = defaultdict(set)
    for u in find_updates(tape):
        if any(_made_of(tape, t.node, sites) for t in u.terms):
            found[examination.sites[u.site].statement] |= {u.before, u.after}
    out = set(found)
    for node in tape.nodes:
        for statement, versions in found.items():
            if versions & set(node.inputs) and examination.sites[node.site].statement is not statement:
                out.discard(statement)
    return out


def _made_of(tape: Tape, n: int, sites: set[int]) -> bool:
    """Whether a value is a statistic, or a multiple of one."""
    return any(m != CONST and tape.nodes[m].site in sites for m in (n, *tape.nodes[n].inputs))


def _statistics(examination: Examination) -> set[int]:
    """Expressions in the forward pass that take the mean or the variance over the samples."""
    view = examination.views[0]
    found = (view.tape.nodes[n] for n in forward_of(examination, view).nodes)
    return {node.site for node in found if node.prim in ("mean", "var", "std") and node.static.get("axis") == 0}


def _rows(tape: Tape, n: int) -> int:
    return len(tape.values[n]) if n != CONST and np.ndim(tape.values[n]) > 1 else 0


MEASURE = Measurement("evaluation", evaluated)
