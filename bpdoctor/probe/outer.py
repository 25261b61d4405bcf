"""Functions that return a loss together with its gradients in arrays of the module, which they read as they stand."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from itertools import islice, permutations

import numpy as np

from bpdoctor.model.record import record
from bpdoctor.probe.choose import best
from bpdoctor.probe.examined import Examined
from bpdoctor.probe.module import Module, signature_of
from bpdoctor.probe.probe import Namespace, Probe, Slot, Space
from bpdoctor.probe.roles import differentiated, squeezed
from bpdoctor.probe.search import Plan, finite, plans, working
from bpdoctor.probe.shapes import SIZES

_MOST_TABLES = 12
_SPREAD = 0.3


@record
class Outer:
    """A function with the positions, in what it returns, of the gradients of the module's arrays."""

    name: str
    gradients: Mapping[str, int]


def find_outer(module: Module) -> list[Outer]:
    """Functions of the file that return gradients named after arrays of the module, two at least."""
    held = {squeezed(n): n for n, v in module.namespace.items() if isinstance(v, np.ndarray) and v.dtype.kind == "f"}
    out = []
    for name, function in module.functions.items():
        returned = module.body(function).returned
        found = {held[of]: i for i, n in enumerate(returned) if (of := differentiated(n)) in held}
        if len(found) > 1:
            out.append(Outer(name, found))
    return out


def examine_outer(module: Module, outer: Outer) -> Examined:
    """Call it with inputs that are made up, and its arrays with other values."""
    line = module.line(module.functions[outer.name])
    if len(outer.gradients) == len(module.body(module.functions[outer.name]).returned):
        return Examined(outer.name, line, "loss", "unclear", reason="it returns gradients of a loss that it does not")
    return best(_probes(module, outer, line), module.namespace, outer.name, line, "loss")


def _probes(module: Module, outer: Outer, line: int) -> Iterator[Probe]:
    function = module.functions[outer.name]
    signature = signature_of(function) or inspect.Signature()
    body = module.body(function)
    first = next(i for i in range(len(body.returned)) if i not in outer.gradients.values())

    def attempt(plan: Plan, space: Space) -> bool:
        space.run(f"_out = {outer.name}({plan.call})")
        out = space.value("_out")
        fits = all(np.shape(out[i]) == np.shape(module.namespace[n]) for n, i in outer.gradients.items())
        # What is broadcast where it was not meant to be gives gradients of other shapes.
        return fits and np.size(out[first]) == 1 and finite(np.asarray(out[first], dtype=float))

    made = plans(signature, body, outer.name, logic=True, written=_sizes(module.namespace, outer))
    for plan in working(made, module.namespace, attempt):
        yield _probe(outer, plan, line, first)


def _probe(outer: Outer, plan: Plan, line: int, first: int) -> Probe:
    own = {n: f"_w_{n}" for n in outer.gradients}
    drawn = [f"{own[n]} = _rng.normal(0, {_SPREAD}, size=_np.shape({n}))" for n in own]
    slots = tuple(Slot(own[n], n, f"_back[{i}]", parameter=True) for n, i in outer.gradients.items())
    return Probe(
        outer.name, line, "\n".join(filter(None, (plan.setup, *drawn))), f"_out = {outer.name}({plan.call})",
        "_back = _out", loss=f"_out[{first}]", slots=slots, kind="loss", single=plan.single, outer=own,
    )  # fmt: skip


def _sizes(namespace: Namespace, outer: Outer) -> list[Mapping[str, int]]:
    """Tables of sizes after the shapes of the module's arrays: any of them may be that of the inputs, or of labels."""
    found = dict.fromkeys(n for name in outer.gradients for n in np.shape(namespace[name]) if n > 1)
    ways = permutations(found, min(len(found), 3))
    return [{**SIZES, **dict(zip(("D", "M", "K"), (*way, *way), strict=False))} for way in islice(ways, _MOST_TABLES)]
