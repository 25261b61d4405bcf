"""The forward side of a fault, as rules see it: roles, true adjoints and what they are computed from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from bpdoctor.autodiff.registry import PRIMITIVES, vjp
from bpdoctor.diagnose.beside import in_time, neighbours, unit_at
from bpdoctor.diagnose.gates import gates_of
from bpdoctor.diagnose.links import descendants, links_of, structures_of
from bpdoctor.model.evidence import Local, Use
from bpdoctor.model.tape import CONST

PRODUCTS = frozenset({"matmul", "dot", "outer", "multiply", "inner", "einsum", "tensordot", "vdot"})
Key = tuple[int, int]

_MOST_UPWARDS = 8
_MOST_BESIDE = 12


def local_of(trial: Any, key: Key, units: Sequence[Any], upstream: Key | None = None) -> Local | None:
    """Describe the forward value `key` of one step for the rules; `upstream` is one whose adjoint is right."""
    view, adjoints = trial.view, trial.adjoints
    n = view.by_key.get(key)
    if n is None or adjoints.get(n) is None:
        return None
    starts = {c.start for c in view.step.parameters}
    own = n in starts
    n = _ahead(trial, n) if own else n
    value, true = _array(view.tape.values[n]), adjoints.replaced.get(n, adjoints.get(n))
    output, target = _ends(trial)
    common = {"value": value, "true": true, "output": output, "target": target, "form": trial.candidate.form}
    common["links"] = links_of(trial, n, units, None if upstream is None else view.by_key.get(upstream))
    unit = unit_at(trial, key, units)
    consumers = _consumers(trial, n)
    if unit is not None and not own:
        a = view.by_key[unit.after]
        after = _array(view.tape.values[a])
        uses = _uses(trial, a, _consumers(trial, a), False)
        common |= {"after": after, "activation": unit.activation, "uses": uses, "gates": gates_of(trial, n, a)}
        common["slopes"] = neighbours(trial, n, units)
        return Local("activation", upstream=adjoints.get(a), **common)
    shown = own or n in structures_of(trial, units).shown
    uses = _uses(trial, n, consumers, shown)
    if own or (shown and uses):
        if uses:
            return Local("weight", uses=uses, penalty=_penalty(true, uses), **common)
        return Local("bias", deltas=_deltas(trial, consumers), uses=_beside(trial, n, consumers), **common)
    if uses:
        return Local("input", uses=uses, upstream=true, **common)
    ends_here = n in trial.candidate.seeds or n in (o for o, _ in trial.candidate.pairs)
    return Local("output" if ends_here else "other", **common)


def _array(x: Any) -> Any:
    return np.asarray(x, dtype=np.float64)


def _ends(trial: Any) -> tuple[Any, Any]:
    pairs = trial.candidate.pairs
    if len(pairs) != 1:
        return None, None
    return _array(trial.view.tape.values[pairs[0][0]]), _array(pairs[0][1])


def _consumers(trial: Any, n: int) -> list[tuple[int, int]]:
    """Forward nodes that read `n`, through copies and views of it, with the operand's position."""
    view = trial.view
    out = []
    for m in sorted(trial.adjoints.values):
        for i, s in enumerate(view.tape.nodes[m].inputs):
            if s == n and m in view.masks:
                out.append((m, i))
    return out


def _ahead(trial: Any, n: int) -> int:
    """A parameter as the network reads it: with its velocity added before, where that is all that is done with it."""
    nodes, values = trial.view.tape.nodes, trial.view.tape.values
    readers = [m for m, _ in _consumers(trial, n)]
    if len(readers) != 1 or nodes[readers[0]].prim not in ("add", "subtract"):
        return n
    kept = all(s == n or (s != CONST and s not in trial.view.forward) for s in nodes[readers[0]].inputs)
    return readers[0] if kept and np.shape(values[readers[0]]) == np.shape(values[n]) else n


def _uses(trial: Any, n: int, consumers: list[tuple[int, int]], weight: bool) -> tuple[Use, ...]:
    """Products of `n` with something else, as seen from `n`: the weight in them, or their input."""
    view = trial.view
    starts = {c.start for c in view.step.parameters}
    out: list[Use] = []
    read: list[tuple[int, int]] = []
    for m, i in consumers:
        node = view.tape.nodes[m]
        if node.prim == "transpose":
            out.extend(_transposed(trial, m, weight))
            continue
        if node.prim not in PRODUCTS or len(node.inputs) != 2:
            continue
        other = 1 - i
        if node.inputs[other] == n:
            continue  # a square, as in a penalty: its derivative is no product with an error
        if node.prim == "multiply" and not weight and node.inputs[other] not in starts:
            continue
        out.append(_use(trial, m, i if weight else other))
        read.append((m, node.inputs[other]))
    return tuple(in_time(trial, out, read) if weight and len(out) == len(read) > 1 else out)


def _transposed(trial: Any, m: int, weight: bool) -> list[Use]:
    """Uses of ``n.T``, with what is pulled back to it turned into n's own layout."""
    out = []
    for use in _uses(trial, m, _consumers(trial, m), weight):
        if weight:
            out.append(replace(use, w=np.transpose(use.w), pull_weight=_turned(use.pull_weight)))
        else:
            out.append(replace(use, x=np.transpose(use.x), pull_input=_turned(use.pull_input)))
    return out


def _turned(pull: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda x, delta: np.transpose(pull(x, delta))


def _use(trial: Any, m: int, weight: int) -> Use:
    view = trial.view
    node = view.tape.nodes[m]
    operands = [c if s == CONST else view.tape.values[s] for s, c in zip(node.inputs, node.consts, strict=True)]
    out, static, prim = view.tape.values[m], node.static, node.prim
    w, x = _array(operands[weight]), _array(operands[1 - weight])
    delta = trial.adjoints.get(m)

    def pull_weight(x_: Any, delta_: Any) -> Any:
        filled = (w, x_) if weight == 0 else (x_, w)
        return vjp(prim, weight, delta_, out, filled, static)

    def pull_input(w_: Any, delta_: Any) -> Any:
        filled = (w_, x) if weight == 0 else (x, w_)
        return vjp(prim, 1 - weight, delta_, out, filled, static)

    assert prim in PRIMITIVES
    return Use(x, w, delta, pull_weight, pull_input, _errors(trial, m), _inputs(trial, x, m), _weights(trial, w))


def _errors(trial: Any, m: int) -> dict[str, Any]:
    """Other adjoints in the shape of this product's, nearest downstream first."""
    shape = np.shape(trial.view.tape.values[m])
    out: dict[str, Any] = {}
    true = trial.adjoints.get(m)
    # Among numbers each has its own way to the loss, and the same expressions lie on all of them.
    for k in sorted(trial.adjoints.values if shape else descendants(trial, m)):
        g = trial.adjoints.get(k)
        if k > m and g is not None and np.shape(g) == shape and not _same(g, true) and not _opposite(g, true):
            key = trial.view.keys.get(k)
            out.setdefault(f"adjoint {key if shape or key is None else key[0]}", g)
            if len(out) >= 12:
                break
    for o, t in trial.candidate.pairs:
        if np.shape(t) == shape:
            out["output minus target"] = _array(trial.view.tape.values[o]) - t
    return out


def _inputs(trial: Any, x: Any, m: int) -> dict[str, Any]:
    """Other forward values in the shape of this product's input."""
    out: dict[str, Any] = {}
    turns: dict[str, Any] = {}
    view = trial.view
    if x.ndim == 0:
        return _upwards(trial, m) | _multiplied(trial, x)
    for k in sorted(view.forward):
        value = view.tape.values[k]
        if np.shape(value) == x.shape and k in view.keys and not _same(value, x) and not _opposite(value, x):
            out[f"value {view.keys[k]}"] = _array(value)
            if (turn := _turn(view, k, m)) is not None:
                turns[f"value {turn}"] = _array(value)
            if len(out) >= 16:
                break
    return out | turns


def _turn(view: Any, n: int, m: int) -> tuple[int, str] | None:
    """The expression of a value, and how many turns from a product's it is made: one name for all layers of a loop."""
    (site, own), (product, other) = view.keys[n], view.keys.get(m, (-1, 0))
    several = len(view.by_site.get(site, ())) > 1 and len(view.by_site.get(product, ())) > 1
    return (site, f"{own - other:+d}") if several else None


def _weights(trial: Any, w: Any) -> dict[str, Any]:
    """Other parameters in the shape of one."""
    held = ((k, trial.view.tape.values[c.start]) for k, c in enumerate(trial.view.step.parameters))
    others = ((k, v) for k, v in held if np.shape(v) == w.shape and not _same(v, w))
    return {f"weight {k}": _array(v) for k, v in islice(others, _MOST_BESIDE)}


def _multiplied(trial: Any, x: Any) -> dict[str, Any]:
    """The numbers that parameters are multiplied by, other than this one."""
    if "multiplied" not in trial.sweeps:
        trial.sweeps["multiplied"] = _multipliers(trial)
    found = trial.sweeps["multiplied"].items()
    return {f"value {k}": _array(v) for k, v in found if np.ndim(v) == 0 and not _same(v, x)}


def _multipliers(trial: Any) -> dict[Key, Any]:
    view = trial.view
    starts = {c.start for c in view.step.parameters}
    out: dict[Key, Any] = {}
    for m in sorted(trial.adjoints.values):
        node = view.tape.nodes[m]
        if len(out) >= _MOST_BESIDE:
            break
        if node.prim == "multiply" and len(starts & set(node.inputs)) == 1:
            out |= {view.keys[s]: view.tape.values[s] for s in node.inputs if s not in starts and s in view.keys}
    return out


def _upwards(trial: Any, m: int) -> dict[str, Any]:
    """The numbers that a product's other operand is computed from one by one, up to a sum: its pre-activation."""
    view = trial.view
    starts = {c.start for c in view.step.parameters}
    out: dict[str, Any] = {}
    above = [s for s in view.tape.nodes[m].inputs if s in view.forward and s not in starts]
    while len(above) == 1 and len(out) < _MOST_UPWARDS:
        n = above[0]
        if n in view.keys:
            out[f"value {view.keys[n][0]}"] = _array(view.tape.values[n])
        above = [s for s in view.tape.nodes[n].inputs if s in view.forward]
    return out


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= 1e-9 * abs(b)
    return b is not None and np.shape(a) == np.shape(b) and bool(np.allclose(a, b, rtol=1e-9, atol=0))


def _opposite(a: Any, b: Any) -> bool:
    """Whether two values differ by their sign only: that is a slip of its own, and no other value."""
    return b is not None and _same(-_array(a), b)


def _beside(trial: Any, n: int, consumers: list[tuple[int, int]]) -> tuple[Use, ...]:
    """The products with a weight that a bias is added to."""
    starts = {c.start for c in trial.view.step.parameters}
    out: list[Use] = []
    for m, i in consumers:
        node = trial.view.tape.nodes[m]
        product = node.inputs[1 - i] if node.prim in ("add", "subtract") else CONST
        inner = trial.view.tape.nodes[product] if product in trial.adjoints.values else None
        if inner is not None and inner.prim in PRODUCTS and len(inner.inputs) == 2:
            out.extend(_use(trial, product, k) for k, s in enumerate(inner.inputs) if s in starts and s != n)
    return tuple(out)


def _deltas(trial: Any, consumers: list[tuple[int, int]]) -> tuple[Any, ...]:
    return tuple(trial.adjoints.get(m) for m, _ in consumers if trial.view.tape.nodes[m].prim in ("add", "subtract"))


def _penalty(true: Any, uses: tuple[Use, ...]) -> Any | None:
    """What of a weight's true adjoint does not come through its products."""
    rest = true - sum(use.pull_weight(use.x, use.delta) for use in uses)
    return rest if np.abs(rest).max() > 1e-9 * np.abs(true).max() else None
