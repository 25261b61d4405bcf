"""Function pairs: ``f_forward(…) -> out, cache`` and ``f_backward(dout, cache)``, cells included."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import FunctionType
from typing import Any

import numpy as np

from bpdoctor.probe.binding import Bound, Result, bindings
from bpdoctor.probe.body import Body
from bpdoctor.probe.choose import best
from bpdoctor.probe.examined import Examined
from bpdoctor.probe.match import Entry, matched
from bpdoctor.probe.modes import Mode, in_every_mode, modes_of, strides_of
from bpdoctor.probe.module import Module, required, signature_of
from bpdoctor.probe.probe import Namespace, Probe, Slot, Space
from bpdoctor.probe.roles import role_of
from bpdoctor.probe.search import Plan, finite, plans, working
from bpdoctor.probe.shapes import fitting

_BACK = re.compile(r"(_?(backward|backwards|backprop|bprop|bwd|back|vjp|backpass))(_pass|_step|_prop|_propagation)?")
_GRADIENT = re.compile(
    r"(_(grad|gradient|deriv|derivative|prime|derivada)$|^(d_|grad_|gradient_|deriv_|derivative_of_))"
)
_FORE = ("forward", "forwards", "fprop", "fwd", "forward_pass", "forward_prop", "forward_propagation", "feedforward")


def find_pairs(module: Module) -> list[tuple[str, str]]:
    """Names of functions that belong together, forward and backward, in the file's order."""
    functions = module.functions
    out = []
    for name, function in functions.items():
        stem = _stem(name)
        if stem is None:
            continue
        fore = _forward_name(stem, name, functions)
        signature = signature_of(function)
        if fore is None or signature is None:
            continue
        if _GRADIENT.search(name) and len(required(signature)) < 2:
            continue  # one argument: a derivative, not a pull-back
        out.append((fore, name))
    return out


def _stem(name: str) -> tuple[str, str] | None:
    match = _BACK.search(name) or _GRADIENT.search(name)
    return (name[: match.start()], name[match.end() :]) if match else None


def _forward_name(stem: tuple[str, str], name: str, functions: dict[str, FunctionType]) -> str | None:
    before, after = stem
    bare = (before.strip("_") + "_" + after.strip("_")).strip("_")
    wanted = {bare, before + after, before.strip("_")}
    for word in _FORE:
        wanted |= {f"{before}_{word}{after}", f"{before}{word}{after}", f"{word}_{bare}", f"{bare}_{word}"}
        wanted |= {f"{before.strip('_')}_{word}_{after.strip('_')}"}
    found = [n for n in functions if n != name and n in wanted]
    if found:
        return found[0]
    # A second version of a backward function (`_alt`, `_naive`, `_fast`) belongs to the same forward one.
    short = re.sub(r"_(alt|naive|fast|vectorized|vec|slow|v\d|loop|im2col|strides)$", "", name)
    if short != name:
        again = _stem(short)
        return _forward_name(again, short, {k: v for k, v in functions.items() if k != name}) if again else None
    for n in functions:
        if re.sub(r"_(naive|fast|vectorized|vec|slow|loop|im2col|strides)$", "", n) in wanted and n != name:
            return n
    return None


def examine_pair(module: Module, fore: str, back: str) -> list[Examined]:
    """Find inputs, call both, compare, in every mode that they have."""
    line = module.line(module.functions[back])

    def examine(mode: Mode) -> Examined:
        troubles: list[str] = []

        def ways(square: bool) -> Iterator[Probe]:
            return _probes(module, fore, back, mode, square, troubles)

        return by_sizes(ways, module, back, line, troubles)

    told = module.definition(module.functions[back])
    forward = module.functions[fore]
    body = module.body(forward)
    return in_every_mode([*modes_of(body, told), *strides_of(body, signature_of(forward), fore)], examine)


def by_sizes(
    ways: Callable[[bool], Iterator[Probe]],
    module: Module,
    name: str,
    line: int,
    troubles: list[str],
    kind: str = "layer",
) -> Examined:
    """Judge with sizes that are all different; with equal ones only where nothing else runs."""
    examined = best(ways(False), module.namespace, name, line, kind)
    if examined.compared:
        return examined
    again = best(ways(True), module.namespace, name, line, kind)
    if again.outcome == "right":
        reason = f"`{name}` runs only when all sizes are equal"
        return replace(again, outcome="unclear", drivers=(), facts=(*again.facts, reason), reason=reason)
    if again.compared:
        return again
    return replace(examined, reason=troubles[0] if troubles else examined.reason)


def _probes(module: Module, fore: str, back: str, mode: Mode, square: bool, troubles: list[str]) -> Iterator[Probe]:
    functions = module.functions
    forward, backward = functions[fore], functions[back]
    taking, returning = signature_of(forward), signature_of(backward)
    if taking is None or returning is None:
        return
    body, back_body = mode.of(module.body(forward)), module.body(backward)
    names = (*taking.parameters, *(k for keys in body.keys.values() for k in keys))
    usual = {**fitting({role_of(n) for n in names}), **mode.sizes}

    def attempt(plan: Plan, space: Space) -> bool:
        space.run(f"_out = {fore}({plan.call})")
        return any(r.array for r in results_of(space, "_out", body))

    for plan in working(plans(taking, body, fore, square=square, usual=usual), module.namespace, attempt):
        space = ready(module.namespace, plan.setup, f"_out = {fore}({plan.call})")
        results = results_of(space, "_out", body)
        for bound in bindings(returning, taken_by(plan), results):
            probe = Probe(
                back, back_body.line, plan.setup, f"_out = {fore}({plan.call})", f"_back = {back}({bound.call})",
                bound.outputs, single=plan.single,
            )  # fmt: skip
            full = with_slots(probe, space, bound, places_of(plan), back_body, troubles)
            if full is not None:
                yield full


def taken_by(plan: Plan) -> dict[str, str]:
    """The forward call's arguments by name, for a backward call that wants them again."""
    return {a.name: f"_a_{a.name}" for a in plan.arguments}


def places_of(plan: Plan) -> list[Slot]:
    """What a gradient may be wanted for."""
    return [
        Slot(plan.places[a.key or a.name], a.key or a.name, parameter=_weight(a.key or a.name))
        for a in plan.arguments
        if a.differentiable
    ]


def _weight(name: str) -> bool:
    return role_of(name) in ("weight", "bias", "gain", "rec", "out_weight", "out_bias", "filter")


def ready(module: Namespace, setup: str, forward: str) -> Space:
    """A space after the forward call."""
    probe = Probe("", 1, setup, forward, "")
    return probe.advance(probe.prepared(module, 1))


def results_of(space: Space, text: str, body: Body) -> list[Result]:
    """What a call returned, element by element, with the names that its return statement uses."""
    value = space.value(text)
    if isinstance(value, tuple):
        names = body.returned if len(body.returned) == len(value) else [""] * len(value)
        return [Result(f"{text}[{i}]", n, finite(v)) for i, (v, n) in enumerate(zip(value, names, strict=True))]
    name = body.returned[0] if len(body.returned) == 1 else ""
    return [Result(text, name, finite(value))]


def with_slots(
    probe: Probe, space: Space, bound: Bound, places: list[Slot], body: Body, troubles: list[str]
) -> Probe | None:
    """Run the backward call once and give every returned array to what it is the gradient of."""
    own = probe.advance(probe.prepared(space.module, 1))
    for name, text in bound.outputs.items():
        own.own[name] = np.asarray(own.value(text)) * 0.01 + 0.01
    if not bound.outputs and not probe.loss:
        return None
    try:
        own.run(probe.backward)
    except Exception as error:
        troubles.append(f"`{probe.name}` stops with {type(error).__name__}: {error}"[:160])
        return None
    entries = entries_of(own.value("_back"), "_back", body)
    slots = [(s, np.shape(space.value(s.place))) for s in places if _floating(space.value(s.place))]
    given = matched(slots, entries)
    if not given:
        return None
    missing = [s.name for s, _ in slots if s.place not in {g.place for g in given}]
    facts = tuple(f"`{probe.name}` returns no gradient of `{n}`" for n in missing)
    return Probe(
        probe.name, probe.line, probe.setup, probe.forward, probe.backward, probe.outputs, probe.loss, tuple(given),
        probe.kind, facts, probe.single,
    )  # fmt: skip


def _floating(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, np.ndarray | np.floating) and value.dtype.kind == "f")


def entries_of(value: Any, text: str, body: Body) -> list[Entry]:
    """Arrays inside what the backward call returned, by position or key."""
    if isinstance(value, dict):
        return [
            Entry(f"{text}[{k!r}]", str(k), np.shape(v))
            for k, v in value.items()
            if isinstance(v, np.ndarray | float | np.floating)
        ]
    if isinstance(value, tuple | list):
        names = body.returned if len(body.returned) == len(value) else [""] * len(value)
        out: list[Entry] = []
        for i, (v, n) in enumerate(zip(value, names, strict=True)):
            if isinstance(v, dict):
                out += entries_of(v, f"{text}[{i}]", body)
            elif isinstance(v, list):
                # The gradients of a list of weights are named after the list.
                out += [
                    Entry(f"{text}[{i}][{j}]", f"{n}{j}", np.shape(g))
                    for j, g in enumerate(v)
                    if isinstance(g, np.ndarray)
                ]
            elif isinstance(v, np.ndarray | float | np.floating):
                out.append(Entry(f"{text}[{i}]", n, np.shape(v)))
        return out
    if isinstance(value, np.ndarray | float | np.floating):
        return [Entry(text, body.returned[0] if len(body.returned) == 1 else "", np.shape(value))]
    return []
