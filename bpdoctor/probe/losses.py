"""Losses with their gradients: one function that returns both, two functions, or a class."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.model.record import record
from bpdoctor.probe.attributes import changed, spoken
from bpdoctor.probe.binding import Result
from bpdoctor.probe.body import Body
from bpdoctor.probe.examined import Examined
from bpdoctor.probe.layers import constructions
from bpdoctor.probe.match import Entry, matched
from bpdoctor.probe.modes import Mode, in_every_mode, modes_of
from bpdoctor.probe.module import Module, required, signature_of
from bpdoctor.probe.pairs import by_sizes, entries_of, find_pairs, places_of, results_of, taken_by
from bpdoctor.probe.probe import Probe, Slot, Space
from bpdoctor.probe.roles import is_cache, is_cotangent, role_of, squeezed
from bpdoctor.probe.search import Plan, finite, plans, working

_LOSS = re.compile(
    r"loss|cost|error|mse|mae|cross_?entropy|bce|cce|hinge|huber|criterion|objective|xent|nll", re.IGNORECASE
)
_VALUE = re.compile(
    r"_?(loss|forward|__call__|call|calc\w*|compute\w*|fn|function|func|cost|apply|value|error|f|cal_loss)"
)
_BACK = re.compile(r"_?(backward|gradient|grad|derivative|deriv|delta|prime|d_?loss|"
                   r"loss_(grad|gradient|derivative|prime)|bprop|backprop|diff|df|cal_grad)")  # fmt: skip
_DERIVED = re.compile(
    r"(_?(derivative|deriv|gradient|grad|prime|backward|delta)$)|^(d_?|grad_|gradient_(of_)?|derivative_(of_)?|delta_)"
)
_FORWARD = re.compile(r"(^|_)(forward|fwd|fprop)(_|$)")
_OBJECT = "_object"
_MOST_BEHIND = 2


@record
class LossPair:
    """Texts of the call that gives the value and of the call that gives the gradient; equal for one function."""

    name: str
    value: str
    gradient: str
    owner: str = ""


def find_losses(module: Module) -> list[LossPair]:
    """Losses in the order of the file."""
    functions = module.functions
    out: list[LossPair] = []
    backs = dict(find_pairs(module))
    for name, function in functions.items():
        signature = signature_of(function)
        if signature is None or len(required(signature)) < 2:
            continue
        body = module.body(function)
        if _LOSS.search(name) and len(body.returned) == 2 and not _DERIVED.search(name):
            # What stands beside the loss is its gradient, or what a function of its own makes the gradient from.
            back = backs.get(name, "" if _FORWARD.search(name) else name)
            out += [LossPair(back, name, back)] if back else []
        bare = _DERIVED.sub("", name)
        if bare != name and bare in functions and _LOSS.search(name):
            out.append(LossPair(name, bare, name))
    for name, owner in module.classes.items():
        methods = [n for c in owner.__mro__[:-1] for n, m in vars(c).items() if _function(m)]
        value = next((n for n in methods if _VALUE.fullmatch(n) and _takes_labels(owner, n)), "")
        back = next((n for n in methods if _BACK.fullmatch(n) and n != value), "")
        if value and back:
            out.append(LossPair(f"{name}.{back}", value, back, name))
    return out


def _function(member: object) -> bool:
    return inspect.isfunction(member) or isinstance(member, staticmethod | classmethod)


def _takes_labels(owner: type, name: str) -> bool:
    signature = signature_of(
        getattr(owner, name), method=not isinstance(inspect.getattr_static(owner, name), staticmethod)
    )
    if signature is None:
        return False
    names = required(signature)
    return len(names) >= 2 and any(role_of(n) == "labels" for n in names)


def examine_loss(module: Module, pair: LossPair) -> list[Examined]:
    """Compare the claimed gradient with the slopes of the loss, plainly and behind a softmax or sigmoid."""
    function = _callable(module, pair, pair.gradient)
    line = module.line(function)

    def examine(mode: Mode) -> Examined:
        troubles: list[str] = []

        def ways(square: bool) -> Iterator[Probe]:
            return _probes(module, pair, line, mode, square, troubles)

        return by_sizes(ways, module, pair.name, line, troubles, "loss")

    told = module.definition(function)
    modes = modes_of(module.making(module.namespace[pair.owner]), told, making=True) if pair.owner else []
    return in_every_mode([*modes, *modes_of(module.body(_callable(module, pair, pair.value)), told)], examine)


def _callable(module: Module, pair: LossPair, name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(module.namespace[pair.owner], name) if pair.owner else module.namespace[name]
    return found


def _starts(module: Module, pair: LossPair, square: bool, mode: Mode) -> Iterator[str]:
    if not pair.owner:
        yield ""
        return
    for plan in constructions(module, module.namespace[pair.owner], pair.owner, square, mode):
        yield f"{plan.setup}\n{_OBJECT} = {pair.owner}({plan.call})".strip() + "\n"


def _probes(
    module: Module, pair: LossPair, line: int, mode: Mode, square: bool, troubles: list[str]
) -> Iterator[Probe]:
    function, gradient = _callable(module, pair, pair.value), _callable(module, pair, pair.gradient)
    taking, returning = _signature(module, pair, pair.value), _signature(module, pair, pair.gradient)
    if taking is None or returning is None:
        return
    body, back_body = mode.of(module.body(function)), module.body(gradient)
    prefix = f"{_OBJECT}." if pair.owner else ""
    seen = 0
    doubtful = pair.value != pair.gradient and _strange(taking, returning)
    for start in _starts(module, pair, square, mode):

        def attempt(plan: Plan, space: Space, start: str = start) -> bool:
            space.run(f"{start}_out = {prefix}{pair.value}({plan.call})")
            value = space.value("_out")
            return finite(value[0] if isinstance(value, tuple) else value)

        for plan in working(plans(taking, body, pair.value, square=square), module.namespace, attempt):
            probe = Probe(
                pair.name, line, plan.setup + "\n" + start, f"_out = {prefix}{pair.value}({plan.call})", "", kind="loss"
            )
            space = probe.advance(probe.prepared(module.namespace, 1))
            results = results_of(space, "_out", body)
            again = _again(returning, taken_by(plan), results) if pair.value != pair.gradient else ()
            calls = [f"_back = {prefix}{pair.gradient}({text})" for text in again]
            for call in calls if pair.value != pair.gradient else ["_back = _out[1]"]:
                full = _with_slots(
                    replace(probe, backward=call, loss=results[0].text, doubtful=doubtful),
                    space,
                    plan,
                    back_body,
                    troubles,
                )
                if full is not None:
                    yield full
                    # At once: what comes later may not be looked at any more.
                    yield from _behind(full) if seen < _MOST_BEHIND else ()
                    seen += 1


def _again(signature: inspect.Signature, taken: Mapping[str, str], results: Sequence[Result]) -> Iterator[str]:
    """The gradient's argument list: what the loss took, by names or else by position; nothing else is guessed."""
    wanted = required(signature)
    known = {squeezed(k): v for k, v in taken.items()}
    known.update({squeezed(r.name): r.text for r in results if r.name})
    kept = (r.text for r in results[1:])
    if all(squeezed(n) in known for n in wanted):
        yield ", ".join(known[squeezed(n)] for n in wanted)
    elif any(is_cache(n) for n in wanted):
        given = [_given(n, known, kept) for n in wanted]
        if all(given):
            yield ", ".join(given)
    elif len(wanted) == len(taken):
        yield ", ".join(taken.values())
    elif len(wanted) == 1 and (is_cotangent(wanted[0]) or role_of(wanted[0]) == "data"):
        yield "1.0"


def _given(name: str, known: Mapping[str, str], kept: Iterator[str]) -> str:
    """One argument: what the loss took, the one that it is differentiated by itself with, or what it kept."""
    if squeezed(name) in known:
        return known[squeezed(name)]
    return "1.0" if is_cotangent(name) else next(kept, "") if is_cache(name) else ""


def _strange(taking: inspect.Signature, returning: inspect.Signature) -> bool:
    """Whether a cotangent stands where the loss takes its inputs: inputs, outputs or a one may be meant."""
    known = {squeezed(n) for n in taking.parameters}
    return any(is_cotangent(n) for n in required(returning) if squeezed(n) not in known)


def _signature(module: Module, pair: LossPair, name: str) -> inspect.Signature | None:
    if not pair.owner:
        return signature_of(module.namespace[name])
    owner = module.namespace[pair.owner]
    return signature_of(getattr(owner, name), method=inspect.isfunction(inspect.getattr_static(owner, name)))


def _with_slots(probe: Probe, space: Space, plan: Plan, body: Body, troubles: list[str]) -> Probe | None:
    own = probe.advance(probe.prepared(space.module, 1))
    try:
        own.run(probe.backward)
    except Exception as error:
        troubles.append(f"`{probe.name}` stops with {type(error).__name__}: {error}"[:160])
        return None
    entries: list[Entry] = entries_of(own.value("_back"), "_back", Body(returned=body.returned[-1:]))
    if not entries and _OBJECT in own.own:
        there = probe.advance(probe.prepared(space.module, 1))
        entries = [Entry(p, spoken(p), np.shape(own.value(p))) for p in changed(there, own, _OBJECT)]
    inputs = [s for s in places_of(plan) if not isinstance(space.value(s.place), int)]
    if any(s.name in body.several and isinstance(space.value(s.place), np.ndarray) for s in inputs):
        troubles.append(f"`{probe.name}` takes several arrays in one argument, of shapes that are not known")
        return None
    if len(entries) == 1 and len(inputs) > 1:
        weights = [s for s in inputs if s.parameter] if any(s.parameter for s in inputs) else inputs[:1]
        inputs = weights if len(weights) == 1 else inputs
    slots = [(s, np.shape(space.value(s.place))) for s in inputs]
    given = matched(slots, entries)
    return replace(probe, slots=tuple(given)) if given else None


def _behind(probe: Probe) -> list[Probe]:
    """The same loss with its input behind a softmax or a sigmoid, whose derivative many gradients include."""
    if len(probe.slots) != 1:
        return []
    slot = probe.slots[0]
    out = []
    for word, text in (
        ("softmax", "_np.exp(_a_logits) / _np.exp(_a_logits).sum(axis=-1, keepdims=True)"),
        ("softmax", "_np.exp(_a_logits) / _np.exp(_a_logits).sum(axis=0, keepdims=True)"),
        ("sigmoid", "1 / (1 + _np.exp(-_a_logits))"),
        ("log-softmax", "_a_logits - _np.log(_np.exp(_a_logits).sum(axis=-1, keepdims=True))"),
    ):
        setup = f"{probe.setup}\n_a_logits = _rng.normal(size=_np.shape({slot.place}))"
        forward = f"{slot.place} = {text}\n{probe.forward}"
        moved = Slot("_a_logits", slot.name, slot.gradient)
        facts = (f"`{probe.name}` includes the derivative of the {word} before it",)
        out.append(replace(probe, setup=setup, forward=forward, slots=(moved,), facts=facts))
    return out
