"""The wrong values of a fault in one step, and what each should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.diagnose.believed import Fault, Key, believing
from bpdoctor.diagnose.terms import Terms
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST
from bpdoctor.observe.sites import Sites

_MOST_NEIGHBOURS = 3
_DEEPEST = 3
_FEWEST_APART = 0.125


@record(eq=False)
class Wrong:
    """One wrong value of one execution: its node, what it should be, and where its forward value is like no other."""

    node: int
    wanted: Any
    apart: Any = None


def strayed(trial: Any, fault: Fault, sites: Sites, *, backwards: bool) -> Iterator[Wrong]:
    """The wrong terms of a fault's sums with what each should be: an error that comes back from the next time step."""
    view, seen = trial.view, believing(trial, fault)
    for u, f in fault.pairs:
        if u in view.by_key and f in view.by_key:
            terms = Terms(seen, fault.scale, sites).strays(view.by_key[u], view.by_key[f], backwards=backwards)
            for node, wanted in terms:
                shape = np.shape(view.tape.values[node])
                if np.size(wanted) == int(np.prod(shape)):
                    yield Wrong(node, np.reshape(wanted, shape))


def wrong_values(trial: Any, fault: Fault) -> Iterator[Wrong]:
    """The wrong values of a step with what each should be, given the wrong ones before it."""
    view, seen = trial.view, believing(trial, fault)
    pairs = sorted((view.by_key[u], view.by_key[f]) for u, f in fault.pairs if u in view.by_key and f in view.by_key)
    # What is taken for several adjoints becomes wrong at the first that is passed, the nearest to the loss.
    order = dict(pairs).items()
    for user, forward in order:
        true = seen.adjoints.replaced.get(forward, seen.adjoints.get(forward))
        if true is None or forward in seen.adjoints.tainted:
            continue
        wanted = np.asarray(true, dtype=np.float64) * fault.scale
        shape = np.shape(view.tape.values[user])
        if wanted.shape != shape and wanted.size == int(np.prod(shape)) and not fault.misshapen:
            wanted = wanted.T if wanted.T.shape == shape else wanted.reshape(shape)
        yield Wrong(user, wanted, _apart(np.asarray(view.tape.values[forward])))


def _apart(value: Any) -> Any:
    """Entries that occur once, where others occur more often: these may be ties of a maximum.

    Where hardly any occurs once, it is the samples that are repeated.
    """
    _, inverse, counts = np.unique(value, return_inverse=True, return_counts=True)
    once = counts == 1
    if once.all() or once.sum() < _FEWEST_APART * np.size(value):
        return None
    return np.reshape(once[inverse.ravel()], value.shape)


def taken_for(fault: Fault) -> Iterator[Fault]:
    """The same wrong value as the adjoint of a neighbour of its forward value.

    Notes
    -----
    Believed there, it may explain as much: a value without a mean, say, passes the taking away of a mean unchanged.
    """
    view = fault.assessment.trials[0].view
    user, forward = fault.pairs[0]
    joined = tuple((u, _joined(fault.assessment.trials[0], f)) for u, f in fault.pairs)
    if len(joined) > 1 and joined != fault.pairs:
        yield replace(fault, pairs=joined)
    if len(fault.pairs) != 1 or view.tape.nodes[view.by_key[user]].prim == "setitem":
        return
    start, shape = view.by_key[forward], np.shape(view.tape.values[view.by_key[forward]])
    near = [n for n in view.tape.nodes[start].inputs if n in view.forward]
    near += [n for m in near for n in view.tape.nodes[m].inputs if n in view.forward]
    near += [m for m in sorted(view.forward) if start in view.tape.nodes[m].inputs]
    # That from which the wrong value is computed is right already, and no fault.
    near = [n for n in near if view.keys.get(n) != fault.upstream]
    fitting = (n for n in dict.fromkeys(near) if n in view.keys and np.shape(view.tape.values[n]) == shape)
    for n in list(fitting)[:_MOST_NEIGHBOURS]:
        yield replace(fault, pairs=((user, view.keys[n]),))


def unscaled(fault: Fault, sites: Sites) -> Iterator[Fault]:
    """The same fault at the value of another statement that is only turned, or multiplied by a number, here.

    ``W -= rate * e.T @ x`` shows that `e` is wrong; where `e` is made, it is mended for all that read it.
    """
    view = fault.assessment.trials[0].view
    user, forward = fault.pairs[0]
    node = _in_another(view, view.by_key[user], sites) if len(fault.pairs) == 1 else None
    if node is None:
        return
    value, made = (np.asarray(view.tape.values[n], dtype=np.float64) for n in (view.by_key[user], node))
    for turned in (made, made.T):
        ratio = float(np.sum(value * turned) / np.sum(turned * turned)) if turned.shape == value.shape else 0.0
        if ratio and np.allclose(value, ratio * turned, rtol=1e-9, atol=0):
            yield replace(fault, pairs=((view.keys[node], forward),), scale=fault.scale / ratio)
            return


def _in_another(view: Any, node: int, sites: Sites) -> int | None:
    """The value of another statement that is scaled and turned here, and no more."""
    statement = sites[view.keys[node][0]].statement
    for _ in range(_DEEPEST):
        entry = view.tape.nodes[node]
        inner = [s for s in entry.inputs if s in view.masks and s in view.keys]
        if entry.prim not in ("multiply", "divide", "negative", "transpose") or len(inner) != 1:
            return None
        node = inner[0]
        if sites[view.keys[node][0]].statement is not statement:
            return int(node) if np.any(view.tape.values[node]) else None
    return None


def rated(fault: Fault) -> Iterator[Fault]:
    """The same fault at the size and the sign that its updates tell, where nothing above it does.

    What takes no error from above has no size of its own; the gradients that are right have, and an update that adds
    takes minus the gradient.
    """
    trial = fault.assessment.trials[0]
    claims = [c for k in fault.families for c in trial.view.families[k].claims]
    factors = {c.factor for c in claims if c.factor}
    if fault.upstream is not None or len(factors) != 1 or len({c.plain for c in claims}) != 1:
        return
    factor, rate = factors.pop(), trial.rate[claims[0].plain]
    scale = rate / factor if rate else float(np.sign(factor)) * abs(fault.scale)
    if scale != fault.scale:
        yield replace(fault, scale=scale)


def _joined(trial: Any, forward: Key) -> Key:
    """What a value is added to, where that has the same adjoint: of a branch, the sum that it ends in."""
    view, n = trial.view, trial.view.by_key[forward]
    true = trial.adjoints.get(n)
    for m in sorted(view.forward) if true is not None else ():
        other = trial.adjoints.get(m) if view.tape.nodes[m].prim == "add" and n in view.tape.nodes[m].inputs else None
        if other is not None and m in view.keys and np.array_equal(other, true):
            key: Key = view.keys[m]
            return key
    return forward


def earlier(trials: Sequence[Any], wrong: Mapping[int, list[Wrong]], sites: Sites) -> Iterator[dict[int, list[Wrong]]]:
    """Backward values of other statements that the wrong ones are products and sums of, the nearest first."""
    level = [dict(wrong)]
    for _ in range(_DEEPEST):
        pairs = [(each, {id(t): operand_before(t, each[id(t)], i) for t in trials}) for each in level for i in (0, 1)]
        for each, before in pairs:
            made = {id(t): _elsewhere(t, each[id(t)], before[id(t)], sites) for t in trials}
            if any(made.values()):
                yield made
        level = [before for _, before in pairs if any(before.values())]


def _elsewhere(trial: Any, wrong: list[Wrong], before: list[Wrong], sites: Sites) -> list[Wrong]:
    nodes, known = trial.view.tape.nodes, trial.adjoints.values

    def apart(w: Wrong, b: Wrong) -> bool:
        return sites[nodes[b.node].site].statement is not sites[nodes[w.node].site].statement

    pairs = zip(wrong, before, strict=False)
    return [b for w, b in pairs if b.node in trial.view.masks and b.node not in known and apart(w, b)]


def operand_before(trial: Any, wrong: list[Wrong], i: int) -> list[Wrong]:
    """Operands of wrong products and sums, with what each should have been; the other operand is as it was."""
    view, out = trial.view, []
    for w in wrong:
        entry = view.tape.nodes[w.node]
        if entry.prim not in _TAKEN_BACK or len(entry.inputs) != 2 or entry.inputs[i] == CONST:
            return []
        own, node = np.asarray(view.tape.values[w.node], dtype=np.float64), entry.inputs[i]
        value = np.asarray(view.tape.values[node], dtype=np.float64)
        with np.errstate(all="ignore"):
            wanted = _TAKEN_BACK[entry.prim][i](w.wanted, own, value)
        if np.shape(wanted) != value.shape or not np.isfinite(wanted).all():
            return []
        out.append(Wrong(node, wanted))
    return out


# What an operand of an operation must be, from what this should give, what it gave and what the operand was.
_TAKEN_BACK: dict[str, tuple[Any, Any]] = {
    "multiply": (lambda wanted, own, value: wanted / (own / value),) * 2,
    "add": (lambda wanted, own, value: wanted - (own - value),) * 2,
    "subtract": (lambda wanted, own, value: wanted - (own - value), lambda wanted, own, value: own + value - wanted),
}
