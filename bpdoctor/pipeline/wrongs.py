"""The wrong values of a fault in one step, and what each should be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bpdoctor.diagnose.believed import Fault, believing
from bpdoctor.model.tape import CONST

_MOST_NEIGHBOURS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Wrong:
    """One wrong value of one execution: its node, what it should be, and where its forward value is like no other."""

    node: int
    wanted: Any
    apart: Any = None


def wrong_values(trial: Any, fault: Fault) -> Iterator[Wrong]:
    """The wrong values of a step with what each should be, given the wrong ones before it."""
    view, seen = trial.view, believing(trial, fault)
    order = sorted((view.by_key[u], view.by_key[f]) for u, f in fault.pairs if u in view.by_key and f in view.by_key)
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
    """Entries that occur once, where others occur more often: these may be ties of a maximum."""
    _, inverse, counts = np.unique(value, return_inverse=True, return_counts=True)
    return None if (counts == 1).all() else np.reshape(counts[inverse.ravel()] == 1, value.shape)


def taken_for(fault: Fault) -> Iterator[Fault]:
    """The same wrong value as the adjoint of a neighbour of its forward value.

    Notes
    -----
    Believed there, it may explain as much: a value without a mean, say, passes the taking away of a mean unchanged.
    """
    view = fault.assessment.trials[0].view
    user, forward = fault.pairs[0]
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


def factor_before(trial: Any, wrong: list[Wrong], i: int) -> list[Wrong]:
    """The factors of wrong products that were handed on as they were, with what each should have been."""
    view, out = trial.view, []
    for w in wrong:
        entry = view.tape.nodes[w.node]
        if entry.prim != "multiply" or CONST in entry.inputs:
            return []
        value = np.asarray(view.tape.values[entry.inputs[i]], dtype=np.float64)
        with np.errstate(all="ignore"):
            wanted = w.wanted / np.asarray(view.tape.values[entry.inputs[1 - i]], dtype=np.float64)
        if np.shape(wanted) != value.shape or not np.isfinite(wanted).all():
            return []
        out.append(Wrong(entry.inputs[i], wanted))
    return out
