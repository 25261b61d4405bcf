"""(b) A training step that is recorded, and one that is not, in units of the plain step."""

from __future__ import annotations

import itertools
import runpy
import statistics
from collections.abc import Callable, Iterable

from bpdoctor.model.source import Source
from bpdoctor.observe.loops import Limits, Loop, Loops
from bpdoctor.observe.program import Session
from tests.benchmarks.table import PROGRAMS, seconds, show, times, within

RECORDED, UNRECORDED = 3.0, 1.2
PROGRAM = PROGRAMS / "digits.py"
ROUNDS = 9
FIRST = 11
"""Steps before this one are left out: the program is only starting, or being looked at."""


def main() -> None:
    """Measure the three kinds of step in turns and print their ratios."""
    kinds: list[Callable[[], float]] = [_plain, _recorded, _unrecorded]
    taken = [[kind() for kind in kinds] for _ in range(ROUNDS)]
    plain, recorded, unrecorded = (min(column) for column in zip(*taken, strict=True))
    rows = [
        ["plain", seconds(plain), times(1), ""],
        ["recorded", seconds(recorded), times(recorded / plain), within(recorded / plain, RECORDED)],
        [
            "unrecorded",
            seconds(unrecorded),
            times(unrecorded / plain),
            within(unrecorded / plain, UNRECORDED),
        ],
    ]
    show("(b) one step of a 784-100-10 network, batch 64", ["step", "time", "ratio", "budget"], rows)


def _plain() -> float:
    return _typical(runpy.run_path(str(PROGRAM))["times"], lambda step: True)


def _recorded() -> float:
    """Nothing is ever found, so that everything is recorded."""
    session = _session(lambda loop: None)
    return _typical(session.namespace["times"], lambda step: True)


def _unrecorded() -> float:
    """The loop is recognised at once; steps that are sampled all the same are left out."""
    session = _session(lambda loop: loop.site)
    return _typical(session.namespace["times"], lambda step: not Loops.sampled(step))


def _session(look: Callable[[Loop], int | None]) -> Session:
    never = 1 << 60
    session = Session(
        str(PROGRAM), Limits(nodes=never, seconds=never, bytes=never, large=never, follow=never, patience=never)
    )
    session.loops.look = look
    outcome = session.run(Source(str(PROGRAM), PROGRAM.read_text(encoding="utf-8")))
    assert outcome.error is None, outcome.error
    return session


def _typical(began: Iterable[float], counts: Callable[[int], bool]) -> float:
    """The lower quartile of the steps that count; of the rounds, the quickest is taken.

    Other work on the machine only ever adds time, to all kinds of step alike.
    """
    pairs = list(itertools.pairwise(began))
    taken = [b - a for step, (a, b) in enumerate(pairs) if step >= FIRST and counts(step)]
    return statistics.quantiles(taken, n=4)[0]
