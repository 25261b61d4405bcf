"""Plant every fault that a network's hints allow, and keep those that are really faults."""

from __future__ import annotations

import hashlib
import signal
from collections.abc import Callable, Iterator
from functools import lru_cache
from types import FrameType

import numpy as np

from tests.planting import activation_operators as act
from tests.planting import gradient_operators as grad
from tests.planting import state_operators as state
from tests.planting.edits import Program, apply
from tests.planting.generate import program
from tests.planting.markers import Network, Spec, load
from tests.planting.memory import Memory, digest
from tests.planting.planted import Draft, Planted, line_of
from tests.planting.probe import Session, execute, instrument

OPERATORS: dict[str, Callable[[Program, Spec], Iterator[Draft]]] = {
    "act": act.activation,
    "err": grad.error,
    "wg": grad.weight,
    "bg": grad.bias,
    "scale": grad.scale,
    "delta": grad.delta,
    "drop": grad.drop,
    "neg": grad.negate,
    "reg": grad.regularisation,
    "acc": state.accumulate,
    "copy": state.copy,
    "swap": state.swap,
    "stmt": state.replaced,
}
OUTPUT_ONLY = frozenset(
    {
        "read-after-mutation",
        "broadcast-loss",
        "loss-delta-mismatch",
        "softmax-axis",
        "dropout-at-test",
        "batchnorm-eval",
        "aliased-state",
    }
)
"""Slugs of faults that need not change the parameters: a changed output is enough."""


class TooLong(Exception):
    """A mutant that does not end."""


def _another_loss(draft: Draft) -> bool:
    """Whether the mutant is exactly right for another standard loss: no fault where the code names none."""
    at_output = draft.spec.get("out") == "1" and draft.slug == "missing-activation-derivative"
    return at_output or draft.uniform or draft.slug == "unneeded-output-derivative"


def drafts(network: Network) -> Iterator[Draft]:
    """Every mutation the operators can make that is a fault by what the code says."""
    silent = bool(network.of("silent"))
    return (draft for draft in _mutations(network) if not (silent and _another_loss(draft)))


def draft_faults(network: Network) -> Iterator[Planted]:
    """The same as programs, whether or not they turn out to be faults."""
    return (_planted(network, draft) for draft in drafts(network))


def _mutations(network: Network) -> Iterator[Draft]:
    program = Program(network.text)
    for spec in network.specs:
        if spec.kind == "upd":
            yield from state.update(program, spec, network)
        elif spec.kind in OPERATORS:
            yield from OPERATORS[spec.kind](program, spec)
    yield from state.ascent(program, network)
    yield from state.initial(program, network)


def _lines(network: Network, draft: Draft) -> tuple[int, ...]:
    """The lines a good report may name; none where the fault is an absence."""
    if draft.lines == (0,):
        return ()
    lines = draft.lines or tuple(dict.fromkeys(line_of(network, start) for start, _, _ in draft.edits))
    also = [s.line for s in network.of("mark") if s.keys.keys() & set(filter(None, draft.spec.get("also").split(",")))]
    return (*lines, *also)


def _planted(network: Network, draft: Draft) -> Planted:
    text = state.tidy(draft.text or apply(network.text, list(draft.edits)))
    digest = hashlib.sha1(text.encode()).hexdigest()[:6]
    lines = _lines(network, draft)
    name = f"{network.name}:{draft.slug}:{draft.spec.line}:{digest}"
    return Planted(name, network.name, draft.slug, draft.operator, lines, draft.uniform, text, network.text)


def _shifted(network: Network, text: str) -> tuple[Spec, ...]:
    """The probe hint `theta`, moved with its line if statements were moved."""
    theta = next(s for s in network.specs if s.kind == "theta")
    row = network.text.splitlines()[theta.line - 1]
    rows = text.splitlines()
    near = sorted(range(len(rows)), key=lambda i: abs(i - theta.line + 1))
    line = next((i + 1 for i in near if rows[i] == row), theta.line)
    return (Spec("theta", line, expression=theta.expression),)


def _alarm(_signal: int, _frame: FrameType | None) -> None:
    raise TooLong


def outcome(network: Network, text: str, limit: int = 8) -> tuple[list[np.ndarray], str]:
    """The parameters before steps 1 and 3, and all that a full run prints."""
    code = instrument(text, _shifted(network, text), network.name)
    plain = compile(text, f"<{network.name}>", "exec")
    signal.signal(signal.SIGALRM, _alarm)
    signal.alarm(limit)
    try:
        sessions = [Session(visit, stop="theta") for visit in (0, 1, 3)]
        for session in sessions:
            execute(code, session)
        printed = execute(plain, Session(-1))
    finally:
        signal.alarm(0)
    return [s.theta for s in sessions], printed


def _differs(ours: list[np.ndarray], theirs: list[np.ndarray]) -> bool:
    for a, b in zip(ours, theirs, strict=True):
        size = max(1e-12, float(np.abs(a).max(initial=0)))
        if a.shape != b.shape or not np.all(np.abs(a - b) <= 1e-9 * size):
            return True
    return False


def invalid(network: Network, planted: Planted, healthy: tuple[list[np.ndarray], str]) -> str:
    """Why a mutant is no fault (it crashes, never ends, or does the same); empty if it is one."""
    try:
        theta, printed = outcome(network, planted.text)
    except TooLong:
        return "does not end"
    except SystemExit:
        return "exits"
    except Exception as crash:  # any crash of a mutant is a result here
        return f"{type(crash).__name__}: {crash}"
    if _differs(healthy[0], theta):
        return ""
    return "" if planted.slug in OUTPUT_ONLY and printed != healthy[1] else "equivalent"


@lru_cache(maxsize=256)
def survey(name: str) -> tuple[tuple[Planted, str], ...]:
    """Every draft of a network with the reason it was thrown away, or an empty one."""
    network = find(name)
    memory = Memory(name)
    rows, seen = [], {network.text}
    healthy = None
    for draft in drafts(network):
        planted = _planted(network, draft)
        if planted.text in seen:
            continue
        seen.add(planted.text)
        key = digest(network.text, repr(network.of("theta")), planted.text, str(planted.slug in OUTPUT_ONLY))
        if key not in memory.verdicts:
            healthy = healthy or outcome(network, network.text, limit=20)
            memory.verdicts[key] = invalid(network, planted, healthy)
        rows.append((planted, memory.verdicts[key]))
    if healthy:
        memory.save()
    return tuple(rows)


def find(name: str) -> Network:
    """A network by name; `generated-N` is made from its seed."""
    if name.startswith("generated-"):
        return program(int(name.removeprefix("generated-")))
    return load(name)


def plant(name: str) -> list[Planted]:
    """The valid planted faults of a network."""
    return [planted for planted, reason in survey(name) if not reason]
