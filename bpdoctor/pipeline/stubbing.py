"""What can stand for data that is not there: shapes that the program names, and with which it runs."""

from __future__ import annotations

import pickle
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bpdoctor.model.record import record
from bpdoctor.model.stub import Stub
from bpdoctor.observe.absent import Absent, Asked
from bpdoctor.observe.loops import Limits
from bpdoctor.observe.program import Ended, Session
from bpdoctor.observe.sealed import run
from bpdoctor.pipeline.ending import ending
from bpdoctor.pipeline.options import Options
from bpdoctor.pipeline.program import Program
from bpdoctor.syntax.declared import Declared, declared

# So long a program runs that nothing stops; most of the others stop at once.
_SECONDS = 4.0
_TRIES = 80
_SAME = 2
_LABEL = re.compile(r"(^|[\W_])(y|t|labels?|targets?|class(es)?|outputs?|d|ys)([\W_\d]|$|(?=train|test|val))", re.I)
_PART = re.compile(r"train(ing)?|test(ing)?|val(id(ation)?)?|dev|\d+", re.I)


@record
class Attempt:
    """How a program got on with some stubs.

    Attributes
    ----------
    asked : Asked or None
        The next data that nothing stood for.
    stopped : str
        Why it stopped otherwise; empty where it ran.
    crossed : bool
        Whether every sample met every other in some array: a column was taken with a row.
    """

    asked: Asked | None
    stopped: str
    crossed: bool = False


def with_data(program: Program, options: Options) -> Options:
    """The options with what stands for data that is not there; the same where nothing is missing, or nothing serves."""
    search = _Search(program, options, declared(program.source.text))
    first = search.attempt(())
    if first.asked is None:
        return options
    for rows in search.known.rows:
        found = search.below((), first, rows)
        if found is not None:
            return replace(options, data=found)
    return options if search.crossed is None else replace(options, data=search.crossed)


class _Search:
    """Shapes for one file after the other, until the program runs; the first in which no samples are crossed."""

    def __init__(self, program: Program, options: Options, known: Declared) -> None:
        self.program = program
        self.options = options
        self.known = known
        self.tries = 0
        self.crossed: tuple[Stub, ...] | None = None

    def below(self, stubs: tuple[Stub, ...], before: Attempt, rows: int) -> tuple[Stub, ...] | None:
        """Complete a choice of stubs.

        What stops the program in the same way again and again has nothing to do with this file.
        """
        assert before.asked is not None
        tried: list[Stub] = []
        stops: list[str] = []
        while self.tries < _TRIES and not (stubs and stops[_SAME:] and stops.count(stops[0]) > _SAME):
            candidate = next((c for c in self.candidates(before.asked, stubs, rows) if c not in tried), None)
            if candidate is None:
                return None
            tried.append(candidate)
            chosen = (*stubs, candidate)
            attempt = self.attempt(chosen)
            if attempt.asked is not None:
                found = None if attempt.asked.name in {s.name for s in chosen} else self.below(chosen, attempt, rows)
                if found is not None:
                    return found
            elif attempt.stopped:
                stops.append(attempt.stopped)
                self.known = self.known.after(attempt.stopped, rows)
            elif not attempt.crossed:
                return chosen
            else:
                self.crossed = self.crossed or chosen
        return None

    def candidates(self, asked: Asked, stubs: tuple[Stub, ...], rows: int) -> Iterator[Stub]:
        """What may be in a file, the likeliest first; a test set is made like the set for training."""
        like = next((stub for stub in stubs if _kin(stub.name) == _kin(asked.name)), None)
        if like is not None:
            yield replace(like, name=asked.name)
        elif asked.kind == "table":
            yield from self.known.tables(asked.name, rows)
        else:
            second = any(not stub.classes for stub in stubs)
            labelled = bool(_LABEL.search(asked.name.rpartition("/")[2])) or (second and not stubs[-1].classes)
            kinds = (self.known.labels, self.known.features)
            for kind in kinds if labelled else reversed(kinds):
                yield from kind(asked.name, rows, flat=asked.kind == "array")

    def attempt(self, stubs: tuple[Stub, ...]) -> Attempt:
        """Run the program for a moment with some stubs."""
        self.tries += 1
        source, options = self.program.source, self.options

        def task(say: Any) -> bytes:
            data = Absent(stubs, source.text)
            session = Session(source.path, Limits(), options.seed, read=self.program.read, data=data)
            signal.signal(signal.SIGALRM, _over)
            signal.setitimer(signal.ITIMER_REAL, _SECONDS, 0.1)
            outcome = session.run(source, options.args)
            signal.setitimer(signal.ITIMER_REAL, 0)
            asked = data.asked[0] if data.asked else None
            stopped = "" if outcome.error is None else ending(outcome, session).reason
            rows = {stub.shape[stub.samples] for stub in stubs}
            return pickle.dumps(Attempt(asked, stopped, _crossed(session, rows)))

        reply = run(task, _SECONDS + 1)
        attempt: Attempt = pickle.loads(reply.data) if reply.data else Attempt(None, reply.ended)
        return attempt


def _over(signum: int, frame: object) -> None:
    raise Ended("long enough")


def _crossed(session: Session, rows: set[int]) -> bool:
    values = session.recorder.tape.values
    shapes = (getattr(value, "shape", ()) for value in values)
    return any(shape.count(n) > 1 for shape in shapes if len(shape) > 1 for n in rows)


def _kin(name: str) -> str:
    """A name without what tells training from testing."""
    return _PART.sub("", name)
