"""(b) A training step that is recorded, one that is not, and a run with samples, in units of the plain step."""

from __future__ import annotations

import itertools
import re
import runpy
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from bpdoctor.model.source import Source
from bpdoctor.observe.loops import Limits, Loop
from bpdoctor.observe.program import Session
from bpdoctor.observe.sampling import sampled
from bpdoctor.pipeline.examine import Examiner
from bpdoctor.pipeline.options import Options
from bpdoctor.rules import all_rules
from tests.benchmarks.table import PROGRAMS, ROOT, seconds, show, times, within

RECORDED, UNRECORDED, SAMPLED = 3.0, 1.2, 1.3
LONG = 240
"""Steps of a run whose health is measured: few enough to be followed to the end."""
PROGRAM = PROGRAMS / "digits.py"
ROUNDS = 9
FIRST = 11
"""Steps before this one are left out: the program is only starting, or being looked at."""


def main() -> None:
    """Measure the kinds of step in turns and print their ratios."""
    kinds: list[Callable[[], float]] = [_plain, _recorded, _unrecorded]
    taken = [[kind() for kind in kinds] for _ in range(ROUNDS)]
    plain, recorded, unrecorded = (min(column) for column in zip(*taken, strict=True))
    # What is examined is forked, which leaves a process other than it was.
    runs = [_apart(kind) for _ in range(ROUNDS) for kind in (_whole, _sampled)]
    whole, sampled = min(runs[::2]), min(runs[1::2])
    rows = [
        ["plain", seconds(plain), times(1), ""],
        ["recorded", seconds(recorded), times(recorded / plain), within(recorded / plain, RECORDED)],
        [
            "unrecorded",
            seconds(unrecorded),
            times(unrecorded / plain),
            within(unrecorded / plain, UNRECORDED),
        ],
        [
            f"one of {LONG}, those that are sampled with them",
            seconds(sampled),
            times(sampled / whole),
            within(sampled / whole, SAMPLED),
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
    return _typical(session.namespace["times"], lambda step: not sampled(step))


def _apart(kind: Callable[[], float]) -> float:
    """A measurement in a process of its own."""
    code = f"from tests.benchmarks import steps; import sys; sys.stderr.write(str(steps.{kind.__name__}()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stderr.split()[-1])


def _whole() -> float:
    """A long plain run, by the step."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(_long(), str(PROGRAM), "exec"), namespace)
    return _mean(namespace["times"])


def _sampled() -> float:
    """The same run under examination, with all that is measured on the way; without the look at its first steps."""
    examiner = Examiner(Source(str(PROGRAM), _long()), Options(fix=False), all_rules())
    examiner.run()
    began = examiner.session.namespace["times"]
    assert len(began) == LONG, len(began)
    return _mean(began)


def _long() -> str:
    return re.sub(r"STEPS = \d+", f"STEPS = {LONG}", PROGRAM.read_text(encoding="utf-8"))


def _mean(began: Sequence[float]) -> float:
    return (began[-1] - began[FIRST]) / (len(began) - 1 - FIRST)


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
