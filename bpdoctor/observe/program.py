"""Run one of the user's programs, instrumented, in this process: modules, streams, stand-ins."""

from __future__ import annotations

import ast
import io
import os
import sys
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bpdoctor.model.source import Driver, Source
from bpdoctor.observe.arguments import WrongArguments, arguments_missed
from bpdoctor.observe.calls import Calls
from bpdoctor.observe.dialect import PYTHON2, WRAPPERS, Single, adapted
from bpdoctor.observe.entropy import seeded
from bpdoctor.observe.expressions import NOBODY, Named
from bpdoctor.observe.instrument import HOOK, instrument
from bpdoctor.observe.loops import Limits, Loops, left
from bpdoctor.observe.missing import forget
from bpdoctor.observe.modules import Home, Read, UserModules, as_written, home_of
from bpdoctor.observe.recorder import Recorder
from bpdoctor.observe.removed import Removed
from bpdoctor.observe.sites import Sites, SourceFile
from bpdoctor.observe.standins import StandIns

if TYPE_CHECKING:
    from bpdoctor.observe.absent import Absent

# What our own statements are called in tracebacks and spans.
DRIVER = "<driver>"
MODULE = "examined"
_DEFINING = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)


class Ended(BaseException):
    """Raised inside the user's program to end a run early; never caught by ``except Exception``."""


@dataclass(slots=True)
class Outcome:
    """How a run ended. `error` is the user's exception, `ended` names why we stopped it."""

    error: BaseException | None = None
    ended: str = ""


class Session:
    """Everything that one instrumented run needs."""

    def __init__(
        self,
        path: str,
        limits: Limits,
        seed: int = 0,
        sites: Sites | None = None,
        named: Named = NOBODY,
        read: Read = as_written,
        data: Absent | None = None,
    ) -> None:
        self.seed = seed
        self.data = data
        self.named = named
        self.read = read
        self.path = os.path.abspath(path)
        self.sites = Sites() if sites is None else sites
        self.files: dict[str, SourceFile] = {}
        self.recorder = Recorder(self.sites)
        self.loops = Loops(self.recorder, limits)
        self.calls = Calls(self.recorder)
        self.recorder.callee = self.calls.callee
        self.recorder.each, self.recorder.going, self.recorder.left = self.loops.each, self.loops.going, left
        self.recorder.step = self.loops.call
        self.standins = StandIns()
        self.removed = Removed()
        self.noted: list[str] = []
        self.namespace: dict[str, Any] = {}

    def execute(self, path: str, source: Source, module: types.ModuleType) -> None:
        """Run one file, instrumented, in a module."""
        file = SourceFile(path, source.text)
        tree = adapted(ast.parse(source.text, path), floors=source.floors)
        self.files[path] = file
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 5000))
        code = compile(instrument(file, tree, self.sites, self.named), path, "exec", dont_inherit=True)
        names = {HOOK: self.recorder, **WRAPPERS, **(PYTHON2 if source.python2 else {})}
        module.__dict__.update(names)
        exec(code, module.__dict__)

    def run(self, program: Source | str, argv: Sequence[str] = ()) -> Outcome:
        """Execute the program as ``__main__``, or as a module and then its driver, and say how it ended."""
        source = Source(self.path, program) if isinstance(program, str) else program
        module = types.ModuleType("__main__" if source.driver is None else MODULE)
        module.__file__ = self.path
        self.namespace = module.__dict__
        with self.surroundings(module, home_of(self.path, source.text), argv):
            # A loop of ours is recorded by itself: one that the program has may be as long as it likes.
            outcome = self.ended(lambda: self.execute(self.path, source, module), record=source.driver is None)
            if source.driver is None or outcome.ended:
                return outcome
            if outcome.error is not None:
                self.define(source, module)
            return self.ended(lambda: self.drive(source.driver, module))

    def ended(self, work: Callable[[], None], *, record: bool = True) -> Outcome:
        """Do the work, on the record or off it, and say how it ended."""
        outcome = Outcome()
        self.recorder.on = record
        try:
            work()
        except Ended as end:
            outcome.ended = str(end)
        except WrongArguments as error:
            outcome.error = error
        except SystemExit as exit_:
            outcome.ended = "" if exit_.code in (None, 0) else f"the program called sys.exit({exit_.code!r})"
        except BaseException as error:
            outcome.error = error
        finally:
            self.recorder.on = False
        return outcome

    def define(self, source: Source, module: types.ModuleType) -> None:
        """Run only what defines, statement by statement, whatever fails: a program that cannot run as a whole."""
        file = self.files[self.path]
        for statement in adapted(ast.parse(source.text, self.path), floors=source.floors).body:
            if isinstance(statement, _DEFINING):
                with suppress(Exception):
                    tree = instrument(file, ast.Module([statement], []), self.sites, self.named)
                    exec(compile(tree, self.path, "exec", dont_inherit=True), module.__dict__)

    def drive(self, driver: Driver | None, module: types.ModuleType) -> None:
        """Run our own statements in the program's namespace; what makes the inputs is not recorded."""
        if driver is None:
            return
        self.recorder.on = False
        exec(driver.setup, module.__dict__)
        self.recorder.on = True
        self.execute(DRIVER, Source(DRIVER, driver.steps), module)

    def notes(self) -> list[str]:
        """What was done to let the program run."""
        out = [f"`{name}` is not installed and was replaced by a stand-in" for name in self.standins.supplied]
        out += [f"`{name}` is not installed; nothing of it was needed" for name in self.standins.unused]
        out += [self.removed.told(name) for name in self.removed.supplied]
        if Single.used:
            out.append("arrays of one element were taken as numbers, which NumPy no longer does")
        made_up = [] if self.data is None else self.data.notes()
        return [*out, *self.noted, *made_up, *self.calls.descents.noted]

    @contextmanager
    def surroundings(self, module: types.ModuleType, home: Home, argv: Sequence[str]) -> Iterator[None]:
        """Streams, search path, seeds and stand-ins as the program expects them; all put back after."""
        saved = (sys.argv, sys.path[:], sys.stdin, sys.stdout, sys.stderr, sys.modules.get("__main__"), os.getcwd())
        finders, modules = sys.meta_path[:], dict(sys.modules)
        sys.argv = [self.path, *argv]
        sys.path[:] = [*home.first, *sys.path, *home.last]
        module.__package__ = home.package or None
        sys.meta_path[:] = [UserModules(self, home), *finders, self.removed, self.standins]
        sys.modules["__main__"] = sys.modules[module.__name__] = module
        sys.stdin, sys.stdout, sys.stderr = io.StringIO(), Discard(), Discard()
        os.environ.setdefault("MPLBACKEND", "Agg")
        self.standins.quiet()
        os._exit = _ended  # type: ignore[assignment]
        try:
            loaders = nullcontext() if self.data is None else self.data.at_hand()
            with seeded(self.seed), warnings.catch_warnings(), self.removed.at_hand(), arguments_missed(), loaders:
                warnings.simplefilter("ignore")
                yield
        finally:
            sys.argv, sys.path[:], sys.stdin, sys.stdout, sys.stderr = saved[:5]
            sys.modules["__main__"] = saved[5]  # type: ignore[assignment]
            # The program may have changed these in place, even emptied them.
            sys.meta_path[:] = finders
            forget()
            sys.modules.update({name: module for name, module in modules.items() if name not in sys.modules})
            os.chdir(saved[6])


def _ended(status: int) -> None:
    """Stands in for os._exit: the program ends, the examination of it goes on."""
    raise Ended("the program called os._exit; what ran until then was examined")


class Discard(io.TextIOBase):
    """A stream that swallows what the program prints."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        return len(text)

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    @property
    def buffer(self) -> io.BytesIO:
        return io.BytesIO()
