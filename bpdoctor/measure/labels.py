"""Labels beside predictions: targets that are no classes, and comparisons in which all classes are displaced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from bpdoctor.autodiff.ordered import levels
from bpdoctor.measure.layers import above, named_site
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Tape

_FEWEST = 12
_MOST_CLASSES = 64
# A network that has learned gets so many right under the right names, and so few under the wrong ones.
_LEARNED = 0.9
_WRONG = 0.3
_NUMBERING = frozenset({"argmax", "greater", "greater_equal", "round", "rint", "astype", "where", "argmin"})


@record
class Displaced:
    """Predictions compared at `site`: `right` agree, `renamed` would if class k were called ``names[k]``."""

    site: int
    right: float
    renamed: float
    names: tuple[int, ...]


@record
class NoClass:
    """Of `total` targets of a softmax, set against it at `site`, `count` rows do not sum to 1."""

    site: int
    count: int
    total: int
    sums: tuple[float, ...]


@record
class Labels:
    """What is wrong with the labels: targets that name no class, and classes that are numbered otherwise."""

    empty: tuple[NoClass, ...]
    displaced: tuple[Displaced, ...]


def labels(examination: Examination) -> Labels:
    """What is wrong with the labels."""
    return Labels(tuple(_sums(examination)), tuple(_compared(examination)))


def _sums(examination: Examination) -> Iterator[NoClass]:
    """One-hot rows for a softmax that are empty, or name two classes."""
    if examination.assessment is None or not examination.samples:
        return
    outputs, targets = examination.samples[0].outputs, examination.samples[0].targets
    if targets is None or np.ndim(targets) != 2 or min(np.shape(targets)) < 2 or not np.isin(targets, (0, 1)).all():
        return
    axis = next((a for a in (1, 0) if np.abs(np.sum(outputs, axis=a) - 1).max() < 1e-6), None)
    if axis is None:
        return
    sums = targets.sum(axis=axis)
    wrong = sums != 1
    # Rows that all name several classes are several labels on purpose.
    if wrong.any() and (sums == 1).any() and not (sums > 1).any():
        candidate = examination.assessment.trials[0].candidate
        view = examination.assessment.trials[0].view
        site = named_site(view.tape, candidate.pairs[0][0]) if candidate.pairs else view.families[0].site
        yield NoClass(site, int(wrong.sum()), len(sums), tuple(sorted({float(s) for s in sums[wrong]})))


def _compared(examination: Examination) -> Iterator[Displaced]:
    """Comparisons of predicted classes with labels, of a network that has learned."""
    if not _has_learned(examination):
        return
    tapes = [v.tape for v in examination.late[-1:]]
    if examination.after is not None and all(examination.after is not t for t in tapes):
        tapes.append(examination.after)
    found: dict[int, Displaced | None] = {}
    for tape in tapes:
        for node in tape.nodes:
            if node.prim in ("equal", "not_equal") and len(node.inputs) == 2:
                operands = [_operand(tape, s, c) for s, c in zip(node.inputs, node.consts, strict=True)]
                predicted = [s != CONST and _predicted(tape, s) for s in node.inputs]
                if sum(predicted) == 1 and all(o is not None for o in operands):
                    p, t = operands if predicted[0] else operands[::-1]
                    found[node.site] = _displaced(node.site, p, t)
    yield from (f for f in found.values() if f is not None)


def _has_learned(examination: Examination) -> bool:
    """Whether the outputs of the last step that was sampled come near their targets: then labels are named wrongly.

    Before that a network may say the contrary of what it is told, and of a wrong gradient it learns that. Where
    nothing is known of the targets, what is compared has to tell.
    """
    known = [s for s in examination.samples if s.targets is not None and np.shape(s.outputs) == np.shape(s.targets)]
    if not known:
        return True
    y, t = (np.asarray(x, dtype=np.float64) for x in (known[-1].outputs, known[-1].targets))
    if not (np.isfinite(y).all() and np.ptp(t) > 0):
        return False
    middle = (t.min() + t.max()) / 2
    return bool(np.mean((y > middle) == (t > middle)) >= _LEARNED)


def _operand(tape: Tape, source: int, constant: Any) -> Any | None:
    value = np.asarray(constant if source == CONST else tape.values[source])
    if value.ndim == 0 or value.size < _FEWEST or value.dtype.kind not in "biuf":
        return None
    flat = value.ravel().astype(np.float64)
    return flat.astype(np.int64) if np.isfinite(flat).all() and (flat == np.round(flat)).all() else None


def _predicted(tape: Tape, n: int) -> bool:
    """Whether a value numbers the classes that a network answered: it comes of weights, by a choice."""
    reach = above(tape, [n])
    prims = {tape.nodes[m].prim for m in reach}
    return bool(prims & _NUMBERING) and bool(prims & {"matmul", "dot", "einsum"})


def _displaced(site: int, predicted: Any, wanted: Any) -> Displaced | None:
    """The renaming of classes under which nearly all agree that do not as they are compared."""
    low = int(min(predicted.min(), wanted.min()))
    count = int(max(predicted.max(), wanted.max())) - low + 1
    several = min(len(levels(predicted)), len(levels(wanted))) > 1
    if predicted.shape != wanted.shape or not several or count > _MOST_CLASSES:
        return None
    table = np.zeros((count, count))
    np.add.at(table, (predicted - low, wanted - low), 1)
    from scipy.optimize import linear_sum_assignment  # takes longer to import than a check does

    rows, columns = linear_sum_assignment(-table)
    right, renamed = float(np.trace(table)) / len(wanted), float(table[rows, columns].sum()) / len(wanted)
    if right > _WRONG or renamed < _LEARNED or 4 * count > len(wanted):
        return None
    return Displaced(site, right, renamed, tuple(int(c) + low for c in columns))


MEASURE = Measurement("labels", labels)
