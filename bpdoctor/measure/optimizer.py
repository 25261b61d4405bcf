"""What is odd about the recurrence by which each parameter is moved, held against the textbook forms.

References
----------
Polyak 1964 and Sutskever et al. 2013 (momentum), Duchi et al. 2011 (Adagrad), Hinton's lecture 6e (RMSProp),
Kingma & Ba 2015 (Adam): the second moment gathers g², enters as its root, and the bias of either moment is
taken out with the number of steps made so far, on the way to the parameter and not in what is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from bpdoctor.identify.claims import running_sum
from bpdoctor.identify.roles import Chain
from bpdoctor.identify.updates import carried
from bpdoctor.measure.correction import odd_correction
from bpdoctor.measure.recurrence import Kept, Recurrence, recurrence
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST

_MOST_FAMILIES = 16
_SAME = 1e-6
_FEWEST = 2


@record
class Oddity:
    """One way in which the updates of `families` differ from the textbook; `amount` is the number to show.

    Attributes
    ----------
    kind : str
        "turned", "looks back", "summed", "reset", "no root", "not squared", "sizes", "multiplied", "gain",
        "fixed step", "stored back", "counted for each", "other decay".
    site, update : int
        The guilty expression or statement, and the statement that moves the parameter.
    """

    kind: str
    site: int
    update: int
    families: tuple[int, ...]
    amount: float
    other: int | None = None


def oddities(examination: Examination) -> list[Oddity]:
    """Everything odd, once for each statement, the parameters it concerns together."""
    if not examination.views:
        return []
    groups: dict[tuple[str, int, int], list[tuple[int, float, int | None]]] = defaultdict(list)
    for k in range(min(len(examination.views[0].families), _MOST_FAMILIES)):
        for kind, site, update, amount, other in _odd(examination, k):
            groups[kind, _said(examination, groups, kind, site, update), update].append((k, amount, other))
    return [
        Oddity(kind, site, update, tuple(dict.fromkeys(k for k, _, _ in found)), found[0][1], found[0][2])
        for (kind, site, update), found in groups.items()
    ]


def _said(examination: Examination, known: Iterable[tuple[str, int, int]], kind: str, site: int, update: int) -> int:
    """The first place on a line at which both means of one update are corrected by a number that stands still."""
    line = examination.sites[site].line
    same = (s for k, s, u in known if kind == k == "fixed step" and u == update and examination.sites[s].line == line)
    return next(same, site)


Odd = tuple[str, int, int, float, int | None]


def _odd(examination: Examination, k: int) -> Iterator[Odd]:
    views = examination.views
    update = views[0].families[k].site
    yield from _forgotten(examination, k, update)
    yield from _summed(examination, k, update)
    seen = [(v, recurrence(v, v.families[k].claims[0])) for v in views if v.families[k].claims]
    found = [(v, r) for v, r in seen if r is not None and _begun(v, r)]
    # A memory that begins as one number is an array after the first step, which says nothing of the rule.
    later = views[1:] if len(views) > _FEWEST and found and found[0][0] is not views[0] else views
    if not found or len(found) < len(later):
        return
    for i in range(len(found[0][1].kept)):
        if all(len(r.kept) == len(found[0][1].kept) for _, r in found):
            yield from _odd_kept(examination, k, [(v, r, r.kept[i]) for v, r in found], update)


def _begun(view: View, found: Recurrence) -> bool:
    """Whether what is kept has the shape already that the step leaves it with."""
    values = view.tape.values
    return all(np.shape(values[x.chain.start]) == np.shape(values[x.chain.end]) for x in found.kept)


Seen = list[tuple[View, Recurrence, Kept]]


def _odd_kept(examination: Examination, k: int, seen: Seen, update: int) -> Iterator[Odd]:
    _, _first, kept = seen[0]
    site = kept.chain.updates[-1].site
    if kept.square == 0:
        yield from _odd_linear(seen, site, update)
    if kept.power == -1 and _is(kept.square) and not kept.gain:
        yield "no root", update, update, kept.decay, site
    elif kept.power in (-0.5, -1) and _is(kept.gain) and kept.square == 0:
        yield "not squared", site, update, kept.decay, None
    elif kept.power == -0.5 and _is(kept.size) and kept.square == kept.gain == 0:
        yield "sizes", site, update, kept.decay, None  # a mean of sizes by itself is a scale, its root is none
    elif kept.power in (0.5, 1) and _is(kept.square) and not kept.gain:
        yield "multiplied", update, update, kept.decay, site
    yield from odd_correction(examination, k, seen, site, update)


def _odd_linear(seen: Seen, site: int, update: int) -> Iterator[Odd]:
    """Momentum that points back, and gradients that are summed for ever."""
    view, first, kept = seen[0]
    if kept.decay < 0 and kept.power == 1 and _is(kept.gain):
        yield "turned", _entry(view, first, kept), update, kept.decay, None
        return
    if not (_is(kept.gain) and _is(kept.weight) and _is(first.direct)):
        return
    passed = kept.weight * kept.gain / first.direct  # share of a gradient in the next change
    if passed < 0 and kept.decay > 0:
        yield "turned", update, update, passed, None
    elif abs(passed - _looking_back(kept.decay)) < _SAME:
        yield "looks back", update, update, kept.decay, None
    elif abs(kept.decay - 1) < _SAME and abs(passed - 1) < _SAME and len(first.kept) == 1 and _never_cleared(seen):
        yield "summed", site, update, 1.0, None


def _looking_back(decay: float) -> float:
    """What Nesterov's step ``(1 + d) * new - d * old`` passes on where the old velocity is added.

    Right is ``d - d / (1 + d)``.
    """
    return decay + decay / (1 + decay)


def _entry(view: View, found: Recurrence, kept: Kept) -> int:
    """Where the kept value enters the sum that replaces it."""
    carriers = {kept.chain.start}
    for n in found.nodes:
        node = view.tape.nodes[n]
        if carriers & set(node.inputs):
            if node.prim in ("add", "subtract"):
                return node.site
            carriers.add(n)
    return kept.chain.updates[-1].site


def _never_cleared(seen: Seen) -> bool:
    """Whether each step goes on with the sum that the step before left."""
    return _goes_on([(v, x.chain) for v, _, x in seen])


def _goes_on(sums: Sequence[tuple[View, Chain]]) -> bool:
    """Whether what a step finds is what an earlier one left, with nothing but summands in between.

    An error is a sum too, of parameters among others: what comes back by way of these is no sum that is kept.
    """
    tape = sums[0][0].tape
    if len(sums) < 2 or any(view.tape is not tape for view, _ in sums):
        return False
    moved = {u.after for view, _ in sums for c in view.step.parameters for u in c.updates}
    return all(
        np.any(tape.values[after.start])
        and (after.start == before.end or carried(tape, after.start, before.end, moved) is not None)
        for (_, before), (_, after) in pairwise(sums)
    )


def _summed(examination: Examination, k: int, update: int) -> Iterator[Odd]:
    """Sums over the samples of a step that go on from the step before."""
    sums = []
    for view in examination.views:
        chain = view.step.parameters[view.families[k].claims[0].parameter]
        total = running_sum(view.tape, view.step, view.masks, chain)
        if total is None:
            return
        sums.append((view, total))
    if _goes_on(sums):
        yield "summed", sums[0][1].updates[0].site, update, 1.0, None


def _is(x: float) -> bool:
    return bool(np.isfinite(x)) and x != 0


# ---- state that is always zero


_PASSING = frozenset(
    {"add", "subtract", "multiply", "divide", "negative", "copy", "asarray", "sqrt", "power", "square", "setitem"}
)


def _forgotten(examination: Examination, k: int, update: int) -> Iterator[Odd]:
    """A decayed memory that is zeros at every step: made anew each time, or never stored."""
    views = [*examination.views, *examination.late]
    found: list[Any] = []
    for view in views:
        family = next((f for f in view.families if (f.site, f.ordinal) == _identity(examination, k)), None)
        if family is None or family.claims[0].parameter >= len(view.step.parameters):
            continue
        found.append(_zero_memories(view, view.step.parameters[family.claims[0].parameter]))
    if len(found) < 3:
        return
    for site, (amount, made) in found[0].items():
        if all(site in f for f in found):
            yield "reset", made if made is not None else site, update, amount, site


def _identity(examination: Examination, k: int) -> tuple[int, int]:
    family = examination.views[0].families[k]
    return family.site, family.ordinal


def _zero_memories(view: View, chain: Any) -> dict[int, tuple[float, int | None]]:
    """Summands ``decay * zeros`` of the step: (decay, where the zeros are made if that is within the step)."""
    tape = view.tape
    out: dict[int, tuple[float, int | None]] = {}
    pending = [t.node for u in chain.updates for t in u.terms if t.whole]
    seen: set[int] = set()
    while pending and len(seen) < 60:
        n = pending.pop()
        node = tape.nodes[n]
        if n in seen or n not in view.masks or node.prim not in _PASSING:
            continue
        seen.add(n)
        pending.extend(s for s in node.inputs if s != CONST)
        if node.prim in ("add", "subtract"):
            for i, s in enumerate(node.inputs):
                other = node.inputs[1 - i]
                if s != CONST and s not in view.masks and other in view.masks and np.any(tape.values[other]):
                    memory = _zero_memory(view, s, np.shape(tape.values[chain.start]))
                    if memory is not None:
                        out[tape.nodes[s].site] = memory
    return out


def _zero_memory(view: View, n: int, shape: tuple[int, ...]) -> tuple[float, int | None] | None:
    """``decay * zeros`` with a decay between 0 and 1, zeros a literal or an array in the parameter's shape."""
    tape = view.tape
    node = tape.nodes[n]
    if node.prim != "multiply" or len(node.inputs) != 2 or np.any(tape.values[n]):
        return None
    values = [np.asarray(c if s == CONST else tape.values[s]) for s, c in zip(node.inputs, node.consts, strict=True)]
    for i in (0, 1):
        decay, zeros = values[i], values[1 - i]
        if decay.size != 1 or decay.dtype.kind not in "fi" or not 0 < float(decay.reshape(())) < 1:
            continue
        if zeros.shape not in (shape, ()) or zeros.any():
            continue
        source = node.inputs[1 - i]
        if source != CONST and tape.nodes[source].prim not in ("made", "leaf", "multiply"):
            continue
        within = source != CONST and source >= view.step.start and tape.nodes[source].prim == "made"
        return float(decay.reshape(())), tape.nodes[source].site if within else None
    return None


MEASURE = Measurement("optimizer", oddities)
