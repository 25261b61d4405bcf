"""The reverse sweep with one step altered: wrong adjoints of a place, and which step was altered how.

A step is a class of links: all executions of one expression reading another. They are altered together,
as a line of a backward pass that is wrong is wrong each time it runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from bpdoctor.autodiff.sweep import reverse
from bpdoctor.diagnose.alterations import MATRIX, Edge, Mistake, mistakes
from bpdoctor.diagnose.masks import mask_of
from bpdoctor.diagnose.structures import PRODUCTS, REDUCTIONS, Structures
from bpdoctor.model.evidence import Link
from bpdoctor.model.tape import CONST

Class = tuple[int, int, int, str]
_MOST_CLASSES = 40
# Work for one place, in visited nodes; a count, not a time, so that results repeat.
_MOST_VISITS = 40_000
_SAME = 1e-10
_SUMS = frozenset({"add", "add-all", "array-sum"})


def links_of(trial: Any, n: int, units: Sequence[Any], stop: int | None) -> tuple[Link, ...]:
    """Every altered sweep for the place `n`, from there to the loss or to a value `stop` known to be right."""
    return tuple(_links(trial, n, structures_of(trial, units), stop))


def structures_of(trial: Any, units: Sequence[Any]) -> Structures:
    """The layers of a step, recognised once."""
    held: Structures | None = trial.structures
    if held is None:
        held = trial.structures = Structures(trial, units)
    return held


def _links(trial: Any, n: int, structures: Structures, stop: int | None) -> Iterator[Link]:
    reach = descendants(trial, n)
    beyond = descendants(trial, stop) if stop is not None and stop in reach else set()
    classes = _classes(trial, n, reach, beyond)
    spent = 0
    for name in sorted(classes, key=lambda c: classes[c][0][0])[:_MOST_CLASSES]:
        edges = classes[name]
        m, i, s = edges[0]
        layer = structures.layer(m, i, s) or _course(trial, structures, name, reach, m, s)
        for found in _made(trial, structures, layer, edges):
            spent += len(reach)
            if spent > _MOST_VISITS:
                return
            label = f"{found.name} {name}"
            site = trial.view.tape.nodes[m if found.node == CONST else found.node].site
            yield Link(layer, found.name, label, _swept(trial, n, reach, found.edges, (label, stop)), site)
    statistics = [e for es in classes.values() for e in es if e[0] in structures.normalised and _reduces(trial, e[0])]
    if statistics:
        cut = {(m, i): _nothing for m, i, _ in statistics}
        label = "statistics left out"
        yield Link("normalisation", label, label, _swept(trial, n, reach, cut, (label, stop)))


def _made(trial: Any, structures: Structures, layer: str, edges: list[Edge]) -> Iterator[Mistake]:
    m, i, _ = edges[0]
    mask = mask_of(structures, m, i) if layer == "mask" else None
    yield from mistakes(trial.view.tape, layer, edges, mask)
    factors = {(k, j): f for k, j, _ in edges if (f := structures.factor_after(k))}
    if trial.view.tape.nodes[m].prim in MATRIX and len(factors) == len(edges):
        # Divided out on the way to one of the product's operands only.
        changes: Any = {e: partial(_undone, f) for e, f in factors.items()}
        yield Mistake("factor left out, on this way", changes, structures.readers[m][0])
    if layer == "time":
        slopes = {(k, j): f for k, j, _ in edges if (f := _slope_after(structures, k)) is not None}
        if len(slopes) == len(edges):
            yield Mistake("slope left out", {e: partial(_undone, f) for e, f in slopes.items()})
    if 1 < len(edges) <= 4:  # one layer of several that share an expression
        for found in mistakes(trial.view.tape, layer, edges[:1], mask):
            yield replace(found, name=f"{found.name}, here only")


def _slope_after(structures: Structures, m: int) -> Any | None:
    """f'(z) of the activation of the sum that a product is a term of; None without one, or where it is 0."""
    view, seen = structures.trial.view, m
    before = {view.by_key.get(u.before): u.activation for u in structures.units if u.activation.name != "softmax"}
    while seen not in before:
        sums = [k for k in structures.readers.get(seen, ()) if view.tape.nodes[k].prim in _SUMS]
        if len(sums) != 1 or np.shape(view.tape.values[sums[0]]) != np.shape(view.tape.values[m]):
            return None
        seen = sums[0]
    with np.errstate(all="ignore"):
        slope = np.asarray(before[seen].derivative(np.asarray(view.tape.values[seen], dtype=np.float64)))
    return slope if slope.all() else None


def _undone(factor: Any, g: Any, pull: Any) -> Any:
    return pull(g / factor)


def _nothing(g: Any, pull: Any) -> None:
    return None


def _reduces(trial: Any, m: int) -> bool:
    return trial.view.tape.nodes[m].prim in REDUCTIONS


def descendants(trial: Any, n: int) -> set[int]:
    """`n` and everything computed from it on the way to the loss."""
    out = {n}
    nodes = trial.view.tape.nodes
    for m in sorted(k for k in trial.adjoints.values if k > n):
        if any(s in out for s in nodes[m].inputs):
            out.add(m)
    return out


def _classes(trial: Any, n: int, reach: set[int], beyond: set[int]) -> dict[Class, list[Edge]]:
    """The links between a place and the loss, by the two expressions they join."""
    out: dict[Class, list[Edge]] = defaultdict(list)
    nodes = trial.view.tape.nodes
    start = {c.start for c in trial.view.step.parameters}
    for m in sorted(reach - {n}):
        for i, s in enumerate(nodes[m].inputs):
            if s != CONST and s in reach and not (m in beyond and s in beyond):
                # What enters the first of several blocks comes from elsewhere than what enters the next.
                joins = nodes[m].prim == "add" and all(k in reach for k in nodes[m].inputs)
                origin = -1 if s in start or joins else nodes[s].site
                out[nodes[m].site, i, origin, nodes[m].prim].append((m, i, s))
    return out


def _course(trial: Any, structures: Structures, name: Class, reach: set[int], m: int, s: int) -> str:
    """Whether a link carries on through time, or joins or leaves a branch."""
    if s not in structures.shown and _through_time(trial, structures, name):
        return "time"
    nodes = trial.view.tape.nodes
    if m in structures.inside or s in structures.shown or np.ndim(trial.view.tape.values[s]) == 0:
        return ""
    if not _inside_network(trial, m):
        return ""
    if nodes[m].prim == "add" and all(k in reach for k in nodes[m].inputs):
        return "skip"
    consumers = [k for k in sorted(reach) if s in nodes[k].inputs]
    outputs = {o for o, _ in trial.candidate.pairs}
    if len(consumers) > 1 and not set(consumers) & structures.inside and s not in outputs:
        return "skip"
    return ""


def _through_time(trial: Any, structures: Structures, name: Class) -> bool:
    """Whether a recurrence goes on behind a link when it is first passed; behind its last execution none does."""
    if not structures.recurrent:
        return False
    if name not in structures.carried:
        nodes, (site, i, origin, _) = trial.view.tape.nodes, name
        start = {c.start for c in trial.view.step.parameters}
        read = ((m, nodes[m].inputs[i]) for m in structures.nodes if nodes[m].site == site and i < len(nodes[m].inputs))
        inner = ((m, s) for m, s in read if s in trial.adjoints.values)
        first = next((m for m, s in inner if (-1 if s in start else nodes[s].site) == origin), None)
        structures.carried[name] = first is not None and bool(descendants(trial, first) & structures.recurrent)
    return structures.carried[name]


def _inside_network(trial: Any, m: int) -> bool:
    """Whether a value stands before the network's end, not among the terms of the loss."""
    outputs = {o for o, _ in trial.candidate.pairs}
    after = descendants(trial, m)
    starts = {c.start for c in trial.view.step.parameters}
    nodes = trial.view.tape.nodes
    return bool(after & outputs) or any(nodes[k].prim in PRODUCTS and starts & set(nodes[k].inputs) for k in after)


def _swept(
    trial: Any, n: int, reach: set[int], edges: Mapping[tuple[int, int], Callable[[Any, Any], Any]], memo: Any
) -> Callable[[], Any]:
    """The place's adjoint after an altered sweep; one sweep serves every place that it passes."""

    def altered(m: int, i: int, g: Any, pull: Any) -> Any:
        change = edges.get((m, i))
        return pull(g) if change is None else _changed(change, g, partial(_safely, pull))

    def sweep() -> Any:
        held: list[tuple[set[int], Any]] = trial.sweeps.setdefault(memo, [])
        for within, found in held:
            if n in within:
                return found
        seeds = {k: v for k, v in trial.candidate.seeds.items() if k in reach}
        believed = {k: v for k, v in trial.overrides.items() if k in reach}
        with np.errstate(all="ignore"):
            found = reverse(
                trial.view.tape, seeds, reach, leaves=trial.view.starts, overrides=believed, altered=altered
            )
        held.append((reach, found))
        return found

    def adjoint() -> Any:
        swept = sweep()
        # What the sweep found here, and not what was believed in its place.
        found = swept.replaced.get(n) if n in trial.overrides else swept.get(n)
        true = trial.adjoints.replaced.get(n, trial.adjoints.get(n))
        if found is None or np.shape(found) != np.shape(trial.view.tape.values[n]):
            return None
        # A mistake that changes nothing here explains nothing.
        return None if np.abs(found - true).max(initial=0) <= _SAME * np.abs(true).max(initial=0) else found

    return adjoint


def _safely(pull: Any, g: Any) -> Any:
    try:
        return pull(g)
    except Exception:  # the exchanged cotangent does not fit this operation
        return None


def _changed(change: Any, g: Any, pull: Any) -> Any:
    try:
        return change(g, pull)
    except ValueError:  # a mask of another layer does not fit: nobody made this mistake here
        return None
