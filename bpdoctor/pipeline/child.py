"""One program, examined in a sealed child; others may be under way beside it."""

from __future__ import annotations

import pickle
import traceback

from bpdoctor.measure import measurements
from bpdoctor.model.report import Report
from bpdoctor.observe.sealed import Running, Say
from bpdoctor.pipeline.examine import Examiner
from bpdoctor.pipeline.options import Options
from bpdoctor.pipeline.program import Program
from bpdoctor.pipeline.repairs import Proposal
from bpdoctor.rules import all_rules

# What an examination may take, in units of what the program may.
_MORE = 1.5
Told = tuple[Report, dict[int, list[Proposal]]]
"""A report, and what may cure each finding of it."""


def examine(program: Program, options: Options) -> Told:
    """Run one program in a sealed child; places are still those of the text that was run."""
    return Examination(program, options).told()


class Examination:
    """A program that is being examined."""

    def __init__(self, program: Program, options: Options) -> None:
        source = self.source = program.source
        # What is ignored in a program is reported as such; our own loop is examined without such rules.
        preload()
        rules = {s: r for s, r in all_rules().items() if source.driver is None or s not in options.ignore}

        def task(say: Say) -> bytes:
            def told(report: Report | None) -> None:
                say(b"" if report is None else pickle.dumps((report, {})))

            try:
                return pickle.dumps(Examiner(source, options, rules, program.read, told).run())
            except MemoryError:
                reason = "the program's arrays leave no memory to examine them in"
                return pickle.dumps((Report(source.path, source.kind, "inconclusive", reason=reason), {}))
            except Exception:
                return pickle.dumps(traceback.format_exc())

        self.running = Running(task, options.time_limit, _MORE * options.time_limit)

    def told(self) -> Told:
        """Wait for what it comes to."""
        reply = self.running.reply()
        if not reply.data:
            return Report(path=self.source.path, kind="script", verdict="inconclusive", reason=reply.ended), {}
        answer = pickle.loads(reply.data)
        if isinstance(answer, str):
            raise RuntimeError(answer)
        report, proposals = answer
        return report, proposals

    def dismiss(self) -> None:
        """End it; nobody wants to know any more."""
        self.running.end()


def preload() -> None:
    """Import what every examination needs: once for all programs, and for all runs of each."""
    all_rules()
    measurements()


def supplied(program: Program, options: Options) -> Options:
    """The options with what stands for missing data, where it is wanted; few programs need what this imports."""
    if not options.data_stub or options.data:
        return options
    from bpdoctor.pipeline.stubbing import with_data

    preload()
    return with_data(program, options)
