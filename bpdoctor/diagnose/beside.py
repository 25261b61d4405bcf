"""What stands beside a place: the activations before and after it, the inputs of the steps before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.identify.dependence import bit, dependence
from bpdoctor.model.evidence import Use
from bpdoctor.model.tape import CONST

_CLOSE = 1e-6
_NEAR = 8


def unit_at(trial: Any, key: tuple[int, int], units: Sequence[Any]) -> Any | None:
    """The activation that is applied to a value, recognised there or at another execution of the same two lines.

    Notes
    -----
    A loss that is computed now and then may belong to a pass of its own, earlier or later in the step, which a
    function of its own may make.
    """
    reached, by_key = trial.adjoints.values, trial.view.by_key
    same = [u for u in units if u.before[0] == key[0]]
    for unit in sorted(same, key=lambda u: u.before != key):
        after = (unit.after[0], unit.after[1] + key[1] - unit.before[1])
        if by_key.get(after) in reached and (unit.before == key or _applied(trial, key, after, unit.activation)):
            return unit if unit.before == key else replace(unit, before=key, after=after)
    return None if same else _applied_elsewhere(trial, key, units)


def _applied_elsewhere(trial: Any, key: tuple[int, int], units: Sequence[Any]) -> Any | None:
    """One of the recognised activations where other lines apply it to a value that the loss is computed from."""
    reached, view = trial.adjoints.values, trial.view
    start = view.by_key[key]
    made = dependence(view.tape, {start: bit(0)}, start, min(start + _NEAR, len(view.tape)))
    for unit in units:
        for n in sorted(made):
            after = view.keys.get(n)
            if n in reached and after is not None and n != start and _applied(trial, key, after, unit.activation):
                return replace(unit, before=key, after=after)
    return None


def _applied(trial: Any, key: tuple[int, int], after: tuple[int, int], activation: Any) -> bool:
    values, by_key = trial.view.tape.values, trial.view.by_key
    z, a = (np.asarray(values[by_key[k]], dtype=np.float64) for k in (key, after))
    with np.errstate(all="ignore"):
        found = np.asarray(activation.function(z))
    return activation.name != "softmax" and found.shape == a.shape and np.allclose(found, a, rtol=_CLOSE, atol=_CLOSE)


def neighbours(trial: Any, n: int, units: Sequence[Any]) -> dict[str, Any]:
    """f'(z) of the activation before and of the one after, in the order of execution, where it is as wide.

    One output of each sample is as wide as any layer: it spreads over all of its units.
    """
    by_key, values = trial.view.by_key, trial.view.tape.values
    placed = sorted((by_key[u.before], u.activation) for u in _elementwise(trial, units))
    order = [z for z, _ in placed]
    if n not in order:
        return {}
    k, out = order.index(n), {}
    for name, j in (("the layer before", k - 1), ("the layer after", k + 1)):
        if 0 <= j < len(placed) and _spreads(np.shape(values[order[j]]), np.shape(values[n])):
            out[name] = np.asarray(placed[j][1].derivative(np.asarray(values[order[j]], dtype=np.float64)))
    return out


def _spreads(own: tuple[int, ...], wide: tuple[int, ...]) -> bool:
    return len(own) == len(wide) and all(a in (1, b) for a, b in zip(own, wide, strict=True))


def in_time(trial: Any, uses: Sequence[Use], read: Sequence[tuple[int, int]]) -> Iterator[Use]:
    """The uses of a weight with the input that each would have one time step later or earlier.

    Notes
    -----
    `read` are the products and the inputs they take in. One step later the input is what its expression gives
    next: for ``h[t - 1] @ W`` that is the ``h[t]`` which is made of this product. What is not computed is taken for
    zeros: a state before the first step.
    """
    nodes, by_key = trial.view.tape.nodes, trial.view.by_key
    sites = Counter(nodes[x].site for _, x in read if x != CONST)
    site = max(sites, key=lambda s: sites[s], default=None)
    made = sorted(n for n in (by_key[k] for k in trial.view.by_site.get(site, ())) if n in trial.adjoints.values)
    for use, (m, x) in zip(uses, read, strict=True):
        later = next((n for n in made if n > m), CONST)
        earlier = next((n for n in reversed(made) if n < x), CONST)
        states = {"what the layer gives at this step": later, "the input of the step before": earlier}
        held = {name: _state(trial, n, use.x) for name, n in states.items()}
        yield replace(use, inputs={**{k: v for k, v in held.items() if v is not None}, **use.inputs})


def _state(trial: Any, n: int, x: Any) -> Any | None:
    value = np.zeros_like(x) if n == CONST else np.asarray(trial.view.tape.values[n], dtype=np.float64)
    return value if np.shape(value) == np.shape(x) and not np.array_equal(value, x) else None


def _elementwise(trial: Any, units: Sequence[Any]) -> Iterator[Any]:
    known = trial.view.by_key
    seen: set[int] = set()
    for u in units:
        if u.before in known and known[u.before] not in seen and u.activation.name not in ("softmax", "square"):
            seen.add(known[u.before])
            yield u
