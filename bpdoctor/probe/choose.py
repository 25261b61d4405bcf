"""Of several ways to call one definition, the one under which it makes most sense."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from bpdoctor.probe.ended import ended_at
from bpdoctor.probe.examined import Examined, Outcome
from bpdoctor.probe.judge import PART, Compared, judge
from bpdoctor.probe.probe import Namespace, Probe

_ERROR = re.compile(r"^_g_\w*(delta|error|err|erro|sens\w*)", re.IGNORECASE)
_MEANINGFUL = 1e-4
_MOST_TRIED = 12
_ENTRIES = 6
_NEARLY = 1e-2
_MOST_AGREEING = 50


def best(probes: Iterable[Probe], module: Namespace, name: str, line: int, kind: str) -> Examined:
    """Judge each way of calling; the first that is right ends the search."""
    tried: list[tuple[int, int, Probe, list[Compared], Outcome, tuple[str, ...]]] = []
    settled = False
    for rank, probe in enumerate(probes):
        # What is wrong for several samples is not excused by being right for one.
        if rank >= _MOST_TRIED or (settled and probe.single):
            break
        compared = judge(probe, module)
        if not compared:
            continue
        compared, rated = _by_own_rate(compared)
        outcome, facts = _weighed(compared, probe, module)
        if outcome == "right":  # by a convention: what is handed on is no derivative
            compared = [replace(c, status="not-examined") if c.status == "wrong" else c for c in compared]
        alone = _one_at_a_time(probe, module) if outcome == "wrong" else None
        if alone is not None:
            facts = (f"`{probe.name}` takes for granted that one entry alone of what comes from above is not 0",)
            compared, outcome = alone, "right"
        tried.append((_badness(compared, outcome), rank, probe, compared, outcome, (*rated, *facts)))
        settled = settled or (outcome == "wrong" and not probe.single and not any("shape" in c.note for c in compared))
        if outcome == "right" and not _partial(compared):
            break
    if not tried:
        return Examined(name, line, kind, "unclear", reason="could not make inputs with which both directions run")
    _, _, probe, compared, outcome, facts = min(tried, key=lambda t: t[:2])
    notes = (*facts, *(c.note for c in compared if c.note))
    reason = "" if outcome != "unclear" else "; ".join(dict.fromkeys(notes))
    ended = ended_at(probe, module) if outcome == "wrong" else 0
    return Examined(
        name, line, kind, outcome, tuple(compared), (probe.driver(),), probe.words(), (*probe.facts, *facts), reason,
        ended=ended,
    )  # fmt: skip


def _by_own_rate(compared: list[Compared]) -> tuple[list[Compared], tuple[str, ...]]:
    """The comparisons without a factor that all weights share which the call itself moves: the object's own rate."""
    moved = [c for c in compared if c.slot.moves and c.status in ("ok", "scaled")]
    scales = {round(c.scale, 6) for c in moved}
    k = max(scales, default=0.0)
    if len(scales) != 1 or k <= 0 or moved[0].status == "ok":
        return compared, ()
    names = ", ".join(f"`{c.slot.name}`" for c in moved)
    rated = [replace(c, status="ok") if c in moved else c for c in compared]
    return rated, (f"{names}: moved by {k:.6g} times the rate times the derivative",)


def _weighed(compared: Sequence[Compared], probe: Probe, module: Namespace) -> tuple[Outcome, tuple[str, ...]]:
    """The verdict, with two conventions of frameworks taken into account."""
    outcome, facts = verdict(compared, probe)
    if outcome == "wrong" and _passes_softmax(probe, module):
        return "right", (f"`{probe.name}` hands on what comes from above: its derivative is in the loss's",)
    if outcome == "wrong" and (k := _averaged(compared)) and _normalised(probe, module):
        return "right", (f"`{probe.name}` averages over the samples: {k:.6g} times the derivative",)
    if outcome == "wrong" and any(_ERROR.search(n) for n in probe.outputs) and _bent(probe, module):
        return "unclear", ("what comes from above is an error term before or after the activation",)
    if outcome == "wrong" and probe.doubtful:
        return "unclear", ("what its argument is meant to be is not plain",)
    return outcome, facts


def _partial(compared: Sequence[Compared]) -> bool:
    """Whether an input was larger than what is read of it."""
    return any(c.status == "not-examined" and c.note.startswith(PART) for c in compared)


def _badness(compared: Sequence[Compared], outcome: Outcome) -> int:
    if outcome == "right":
        return int(_partial(compared))
    fits = not any("shape" in c.note for c in compared)
    order = {("wrong", True): 100, ("unclear", True): 200, ("unclear", False): 200, ("wrong", False): 300}
    # What is off by a constant in a logarithm alone was given what it is meant for.
    return order[outcome, fits] - (_MOST_AGREEING * nearly(compared)) - sum(c.status == "ok" for c in compared)


def nearly(compared: Sequence[Compared]) -> bool:
    """Whether what is wrong is off by no more than a small number under a logarithm may move it."""
    return max((c.error for c in compared if c.status == "wrong"), default=1.0) <= _NEARLY


def verdict(compared: Sequence[Compared], probe: Probe) -> tuple[Outcome, tuple[str, ...]]:
    """Right, wrong or unclear; a constant that all gradients share, or all weights do, is a convention."""
    statuses = {c.status for c in compared}
    if not statuses & {"ok", "scaled", "wrong", "not-finite"}:
        return "unclear", ()
    if statuses & {"wrong", "not-finite"}:
        return "wrong", ()
    scaled = [c for c in compared if c.status == "scaled"]
    if not scaled:
        return "right", ()
    return _scaled(compared, scaled, probe)


def _scaled(compared: Sequence[Compared], scaled: Sequence[Compared], probe: Probe) -> tuple[Outcome, tuple[str, ...]]:
    scales = sorted({round(c.scale, 6) for c in scaled})
    k = scales[0]
    weights = [c for c in compared if c.slot.parameter and c.status in ("ok", "scaled")]
    names = ", ".join(f"`{c.slot.name}`" for c in scaled)
    common = len(scales) == 1 and (
        len(scaled) == len([c for c in compared if c.status != "vacuous"]) or scaled == weights
    )
    if not common:
        return "wrong", ()
    if probe.kind == "engine":
        return "wrong", ()
    if probe.loss:
        said = "minus " if k < 0 else ""
        return "right", (f"the gradient of {names} is {said}{abs(k):.6g} times the derivative of the loss",)
    if k > 0 and scaled == weights and _size(k, compared):
        return "right", (f"the gradient of {names} is averaged: {k:.6g} times the derivative",)
    if k < 0 and abs(k + 1) < _MEANINGFUL and scaled == weights:
        return "right", (f"{names}: what comes from above is taken as minus the gradient",)
    return "wrong", ()


def _size(k: float, compared: Sequence[Compared]) -> bool:
    """Whether a factor is one over a size of the inputs."""
    sizes = {n for c in compared for n in c.shape}
    return any(n > 1 and abs(k * n - 1) < _MEANINGFUL for n in sizes)


def _passes_softmax(probe: Probe, module: Namespace) -> bool:
    """Whether a softmax, or its logarithm, hands on what comes in: it is then derived together with the loss."""
    if len(probe.outputs) != 1 or len(probe.slots) != 1:
        return False
    try:
        back = probe.advance(probe.prepared(module, 1))
        name, text = next(iter(probe.outputs.items()))
        out = np.asarray(back.value(text))
        back.own[name] = np.random.default_rng(5).normal(size=out.shape)
        given = np.array(back.own[name])
        back.run(probe.backward)
        own = np.asarray(back.value(probe.slots[0].gradient))
    except Exception:
        return False
    shares = out if (out > 0).any() else np.exp(out)
    sums = [np.abs(shares.sum(axis=a) - 1).max() for a in range(out.ndim)]
    return own.shape == given.shape and bool((own == given).all()) and min(sums, default=1.0) < 1e-6


def _one_at_a_time(probe: Probe, module: Namespace) -> list[Compared] | None:
    """The comparisons for one entry, where each entry of the error is right by itself but not several together.

    So it is written behind a loss of one output, and right there. A slip in what is linear in the error is wrong
    for one of them, too.
    """
    if len(probe.outputs) != 1:
        return None
    try:
        shape = np.shape(probe.advance(probe.prepared(module, 1)).value(next(iter(probe.outputs.values()))))
    except Exception:
        return None
    entries = range(min(int(np.prod(shape)), _ENTRIES))

    def right(only: Sequence[int]) -> list[Compared] | None:
        found = judge(probe, module, only)
        return found if found and {c.status for c in found} <= {"ok", "vacuous"} else None

    first = right([0]) if len(entries) > 1 else None
    return first if first and all(right([k]) for k in entries[1:]) and not right(entries) else None


def _averaged(compared: Sequence[Compared]) -> float:
    """The factor of a single input's gradient where it is one over the number of rows, as beside a summed loss."""
    if len(compared) != 1 or compared[0].status != "scaled" or len(compared[0].shape) < 2:
        return 0.0
    k = compared[0].scale
    return k if abs(k * compared[0].shape[0] - 1) < _MEANINGFUL else 0.0


def _normalised(probe: Probe, module: Namespace) -> bool:
    """Whether the output is made of probabilities, or of their logarithms, that sum to one: a network's last layer."""
    try:
        out = np.asarray(probe.advance(probe.prepared(module, 1)).value(next(iter(probe.outputs.values()))))
    except Exception:
        return False
    with np.errstate(all="ignore"):
        sums = [np.abs(p.sum(axis=a) - 1).max() for p in (out, np.exp(out)) for a in range(out.ndim)]
    return min(sums, default=1.0) < 1e-6


def _bent(probe: Probe, module: Namespace) -> bool:
    """Whether the output is no linear function of the inputs."""
    text = next(iter(probe.outputs.values()))
    try:
        values = []
        for factor in (1.0, 2.0, 3.0):
            space = probe.prepared(module, 1)
            for s in (s for s in probe.slots if not s.parameter):
                space.run(f"{s.place} = {s.place} * {factor}")
            values.append(np.asarray(probe.advance(space).value(text)))
    except Exception:
        return True
    return bool(np.abs(values[0] + values[2] - 2 * values[1]).max() > 1e-9)
