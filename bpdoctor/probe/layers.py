"""Classes with a forward and a backward method: layers, activations, cells."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.model.record import record
from bpdoctor.probe.attributes import arrays, changed, parameters, short, spoken
from bpdoctor.probe.binding import Bound, Result, bindings
from bpdoctor.probe.body import Body
from bpdoctor.probe.examined import Examined
from bpdoctor.probe.match import Entry, matched
from bpdoctor.probe.modes import Mode, in_every_mode, modes_of, strides_of
from bpdoctor.probe.module import Module, constructor_of, signature_of
from bpdoctor.probe.pairs import by_sizes, entries_of, places_of, results_of, taken_by
from bpdoctor.probe.probe import Probe, Slot, Space
from bpdoctor.probe.roles import is_cotangent, role_of
from bpdoctor.probe.search import Plan, plans, working
from bpdoctor.probe.shapes import fitting

FORWARD = re.compile(
    r"_?(forward(s|_?pass|_?prop(agat(e|ion))?|_?propagate|_step)?|f_?prop|feed(_?forward)?|forwardpass|fwd|__call__|call|apply|"
    r"activate|func|fn|function|f|compute|output|value)"
)
BACKWARD = re.compile(
    r"_?(backward(s|_?pass|_?prop(agat(e|ion))?|_step)?|b_?prop|back_?prop(agat(e|ion))?|back(_pass)?|bwd|"
    r"back_?propagate|derivative|gradient|grad|deriv|prime|df|derivate|d)"
)
_OBJECT = "_object"
_OUTPUT = re.compile(r"_?(outputs?|out|result|y|a|activations?|values?|top|z)")


@record
class Layer:
    """A class with the names of its two methods."""

    name: str
    owner: type
    forward: str
    backward: str


def find_layers(module: Module) -> list[Layer]:
    """Classes of the file that have (or inherit) both methods."""
    out = []
    for name, owner in module.classes.items():
        methods = {n for c in owner.__mro__[:-1] for n, m in vars(c).items() if inspect.isfunction(m)}
        fore = _first(FORWARD, methods)
        back = _first(BACKWARD, methods - {fore})
        if fore and back and not _abstract(owner, fore, back, module):
            out.append(Layer(name, owner, fore, back))
    return out


def _first(pattern: re.Pattern[str], names: set[str]) -> str:
    found = [n for n in names if pattern.fullmatch(n)]
    order = ("forward", "backward", "__call__", "derivative", "gradient")
    found.sort(key=lambda n: (not n.startswith(("forward", "backward", "feed")), n in order[2:], len(n), n))
    return found[0] if found else ""


def _abstract(owner: type, fore: str, back: str, module: Module) -> bool:
    """A base class whose methods only say that somebody else defines them."""
    for name in (fore, back):
        node = module.definition(getattr(owner, name))
        last = node.body[-1] if node is not None else None
        if isinstance(last, ast.Raise | ast.Pass):
            return True
    return False


def takes_error(layer: Layer) -> bool:
    """Whether the backward method is given what comes from above, and not what is wanted of a whole network."""
    signature = signature_of(getattr(layer.owner, layer.backward), method=True)
    return signature is not None and any(map(is_cotangent, signature.parameters))


def examine_layer(module: Module, layer: Layer) -> list[Examined]:
    """Construct, call both methods, compare what is given back and what is left in the object, in every mode."""
    line = module.line(getattr(layer.owner, _own(layer)))
    name = f"{layer.name}.{layer.backward}"

    def examine(mode: Mode) -> Examined:
        troubles: list[str] = []

        def ways(square: bool) -> Iterator[Probe]:
            return _probes(module, layer, line, mode, square, troubles)

        return replace(by_sizes(ways, module, name, line, troubles), name=name)

    told = module.definition(getattr(layer.owner, layer.backward))
    called = module.body(getattr(layer.owner, layer.forward))
    making = module.making(layer.owner)
    modes = [*modes_of(making, told, making=True), *modes_of(called, told)]
    modes += strides_of(making, constructor_of(layer.owner), layer.name, making=True)
    return in_every_mode(modes, examine)


def _own(layer: Layer) -> str:
    """The backward method, or where it is inherited the derivative that the class itself gives it."""
    if layer.backward in vars(layer.owner):
        return layer.backward
    slopes = [n for n in vars(layer.owner) if BACKWARD.fullmatch(n)]
    return slopes[0] if slopes else layer.backward


def constructions(module: Module, owner: type, name: str, square: bool, mode: Mode | None = None) -> Iterator[Plan]:
    """Argument lists with which the class can be constructed."""
    signature = constructor_of(owner) or inspect.Signature()
    body = module.making(owner)
    body = body if mode is None else mode.of(body, making=True)
    sizes = {**fitting({role_of(n) for n in signature.parameters}), **({} if mode is None else mode.sizes)}

    def attempt(plan: Plan, space: Space) -> bool:
        space.run(f"_made = {name}({plan.call})")
        return True

    yield from working(
        plans(signature, body, name, prefix="_c_", square=square, usual=sizes), module.namespace, attempt, most=4
    )


def _probes(module: Module, layer: Layer, line: int, mode: Mode, square: bool, troubles: list[str]) -> Iterator[Probe]:
    forward, backward = getattr(layer.owner, layer.forward), getattr(layer.owner, layer.backward)
    taking, returning = signature_of(forward, method=True), signature_of(backward, method=True)
    if taking is None or returning is None:
        return
    body, back_body = mode.of(module.body(forward)), module.body(backward)
    making = constructor_of(layer.owner)
    named = {role_of(n) for s in (making, taking) if s is not None for n in s.parameters}
    usual = {**fitting(named), **mode.sizes}
    made = False
    for construction in constructions(module, layer.owner, layer.name, square, mode):
        made = True
        start = f"{construction.setup}\n{_OBJECT} = {layer.name}({construction.call})".strip()

        def attempt(plan: Plan, space: Space, start: str = start) -> bool:
            space.run(f"{start}\n_out = {_OBJECT}.{layer.forward}({plan.call})")
            return any(r.array for r in given_back(space, body))

        for plan in working(
            plans(taking, body, layer.name, square=square, usual=usual), module.namespace, attempt, most=4
        ):
            setup = f"{plan.setup}\n{start}".strip()
            call = f"_out = {_OBJECT}.{layer.forward}({plan.call})"
            yield from _bound(
                module,
                layer,
                Probe(layer.name, line, setup, call, "", single=plan.single),
                plan,
                returning,
                (body, back_body),
                troubles,
            )
    if not made:
        troubles.append(f"`{layer.name}` could not be constructed")


def given_back(space: Space, body: Body) -> list[Result]:
    """What the forward call returned, or the output that it left in the object."""
    if space.value("_out") is not None:
        return results_of(space, "_out", body)
    held = [p for p, v in arrays(space.value(_OBJECT), _OBJECT) if _OUTPUT.fullmatch(spoken(p)) and np.ndim(v)]
    return [Result(p, spoken(p), True) for p in held[:1]]


def _bound(
    module: Module, layer: Layer, base: Probe, plan: Plan, returning: inspect.Signature, bodies: tuple[Body, Body],
    troubles: list[str],
) -> Iterator[Probe]:  # fmt: skip
    body, back_body = bodies
    made = settled(module, base)
    if made is None:
        return
    base = made
    space = base.advance(base.prepared(module.namespace, 1))
    results = given_back(space, body)
    for bound in bindings(returning, taken_by(plan), results):
        probe = replace(
            base, name=f"{layer.name}.{layer.backward}", backward=f"_back = {_OBJECT}.{layer.backward}({bound.call})",
            outputs=bound.outputs or {"_g_out": next(r.text for r in results if r.array)},
        )  # fmt: skip
        full = with_places(module, probe, bound, plan, back_body, troubles)
        if full is not None:
            yield full


def settled(module: Module, base: Probe) -> Probe | None:
    """The same probe with parameters that are neither zero nor tiny, made before the first forward call."""
    try:
        start = base.prepared(module.namespace, 1)
        lazy = not list(arrays(start.value(_OBJECT), _OBJECT))
        if lazy:
            start.run(base.forward)
        results = given_back(base.advance(start), Body())
    except Exception:
        return None
    outputs = {f"_g{i}": r.text for i, r in enumerate(results) if r.array}
    probe = replace(base, outputs=outputs)
    places = parameters(probe, start, _OBJECT)
    rows = [base.setup, *([base.forward] if lazy and places else [])]
    for place in places:
        value = start.value(place)
        if isinstance(value, np.ndarray) and (not value.any() or np.abs(value).max() < 0.05):
            rows.append(f"{place}[...] = _rng.normal(0, 0.4, size={value.shape})")
    return replace(base, setup="\n".join(rows))


def with_places(
    module: Module, probe: Probe, bound: Bound, plan: Plan, body: Body, troubles: list[str]
) -> Probe | None:
    """Run the backward call once; find parameters, their gradients, and what moved."""
    start = probe.prepared(module.namespace, 1)
    there = probe.advance(start)
    back = probe.advance(start)
    for name, text in bound.outputs.items():
        value = np.asarray(back.value(text))
        back.own[name] = value * 0.01 + np.linspace(0.01, 0.02, value.size).reshape(value.shape).astype(value.dtype)
    try:
        back.run(probe.backward)
    except Exception as error:
        troubles.append(f"`{probe.name}` stops with {type(error).__name__}: {error}"[:160])
        return None
    held = parameters(probe, start, _OBJECT)
    wrote = changed(there, back, _OBJECT)
    moved = [p for p in held if p in wrote]
    inputs = [s for s in places_of(plan) if _floating(start.value(s.place))]
    slots = [(s, np.shape(start.value(s.place))) for s in inputs]
    still = [p for p in held if p not in moved]
    slots += [(Slot(p, spoken(p), parameter=True), np.shape(start.value(p))) for p in still]
    entries = entries_of(back.value("_back"), "_back", body)
    entries += [Entry(p, spoken(p), np.shape(back.value(p))) for p in wrote if p not in held]
    given = [] if not bound.outputs else matched(slots, entries)
    given += _derivative(given, entries, inputs, bound)
    given += [Slot(p, spoken(p), moves=True, parameter=True) for p in moved]
    if not given:
        return None
    names = {s.place: f"{probe.name.split('.')[0]}.{short(s.place)}" for s in given if s.parameter}
    shown = tuple(replace(s, name=names.get(s.place, s.name)) for s in given)
    silent = [p for p in still if p not in {s.place for s in given}]
    facts = tuple(f"no gradient of `{names.get(p, short(p))}` was found" for p in silent)
    return replace(probe, slots=shown, facts=facts)


def _derivative(given: list[Slot], entries: list[Entry], inputs: list[Slot], bound: Bound) -> list[Slot]:
    """A method that takes no cotangent and returns the slope itself."""
    if given or bound.outputs or len(inputs) != 1 or not entries:
        return []
    return [replace(inputs[0], gradient=f"_g_out * {entries[0].text}")]


def _floating(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, np.ndarray | np.floating) and value.dtype.kind == "f")
