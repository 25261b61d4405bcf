"""Run one of the user's programs, instrumented, in this process: modules, streams, stand-ins."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import io
import os
import random
import sys
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bpdoctor.model.source import Driver, Source
from bpdoctor.observe.calls import Calls
from bpdoctor.observe.instrument import HOOK, instrument
from bpdoctor.observe.loops import Limits, Loops
from bpdoctor.observe.recorder import Recorder
from bpdoctor.observe.sites import Sites, SourceFile
from bpdoctor.observe.standins import StandIns

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

    def __init__(self, path: str, limits: Limits, seed: int = 0) -> None:
        self.seed = seed
        self.path = os.path.abspath(path)
        self.sites = Sites()
        self.files: dict[str, SourceFile] = {}
        self.recorder = Recorder(self.sites)
        self.loops = Loops(self.recorder, limits)
        self.recorder.callee = Calls(self.recorder).callee
        self.recorder.loop = self.loops.loop
        self.standins = StandIns()
        self.namespace: dict[str, Any] = {}

    def compile(self, path: str, text: str) -> types.CodeType:
        """Instrumented code of one file."""
        source = SourceFile(path, text)
        self.files[path] = source
        tree = ast.parse(text, path)
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 5000))
        return compile(instrument(source, tree, self.sites), path, "exec", dont_inherit=True)

    def run(self, source: Source, argv: Sequence[str] = ()) -> Outcome:
        """Execute the program as ``__main__``, or as a module and then its driver, and say how it ended."""
        name = "__main__" if source.driver is None else MODULE
        module = types.ModuleType(name)
        module.__file__ = self.path
        module.__dict__[HOOK] = self.recorder
        self.namespace = module.__dict__
        code = self.compile(self.path, source.text)
        with self.surroundings(module, argv):
            outcome = self.ended(lambda: exec(code, module.__dict__))
            if source.driver is None or outcome.ended:
                return outcome
            if outcome.error is not None:
                self.define(source.text)
            return self.ended(lambda: self.drive(source.driver))

    def ended(self, work: Callable[[], None]) -> Outcome:
        """Do the work on the record and say how it ended."""
        outcome = Outcome()
        self.recorder.on = True
        try:
            work()
        except Ended as end:
            outcome.ended = str(end)
        except SystemExit as exit_:
            outcome.ended = "" if exit_.code in (None, 0) else f"the program called sys.exit({exit_.code!r})"
        except BaseException as error:
            outcome.error = error
        finally:
            self.recorder.on = False
        return outcome

    def define(self, text: str) -> None:
        """Run only what defines, statement by statement, whatever fails: a program that cannot run as a whole."""
        for statement in ast.parse(text, self.path).body:
            if isinstance(statement, _DEFINING):
                with suppress(Exception):
                    tree = ast.Module([statement], [])
                    code = compile(
                        instrument(self.files[self.path], tree, self.sites), self.path, "exec", dont_inherit=True
                    )
                    exec(code, self.namespace)

    def drive(self, driver: Driver | None) -> None:
        """Run our own statements in the program's namespace; what makes the inputs is not recorded."""
        if driver is None:
            return
        self.recorder.on = False
        exec(driver.setup, self.namespace)
        self.recorder.on = True
        exec(self.compile(DRIVER, driver.steps), self.namespace)

    @contextmanager
    def surroundings(self, module: types.ModuleType, argv: Sequence[str]) -> Iterator[None]:
        """Streams, search path, seeds and stand-ins as the program expects them; all put back after."""
        folder = os.path.dirname(self.path)
        saved = (sys.argv, sys.path[:], sys.stdin, sys.stdout, sys.stderr, sys.modules.get("__main__"), os.getcwd())
        finder = UserModules(self, folder)
        sys.argv = [self.path, *argv]
        sys.path.insert(0, folder)
        sys.meta_path.insert(0, finder)
        sys.meta_path.append(self.standins)
        sys.dont_write_bytecode = True
        sys.modules["__main__"] = sys.modules[module.__name__] = module
        sys.stdin, sys.stdout, sys.stderr = io.StringIO(), Discard(), Discard()
        os.environ.setdefault("MPLBACKEND", "Agg")
        random.seed(self.seed)
        np.random.seed(self.seed % 2**32)
        self.standins.quiet()
        os._exit = _ended  # type: ignore[assignment]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        finally:
            sys.argv, sys.path[:], sys.stdin, sys.stdout, sys.stderr = saved[:5]
            sys.modules["__main__"] = saved[5]  # type: ignore[assignment]
            sys.meta_path.remove(finder)
            sys.meta_path.remove(self.standins)
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


class UserModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports modules that stand next to the user's file, instrumented like the file itself."""

    def __init__(self, session: Session, folder: str) -> None:
        self.session = session
        self.folder = Path(folder).resolve()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or not spec.origin or not spec.origin.endswith(".py"):
            return None
        origin = Path(spec.origin).resolve()
        root = self.folder if self.folder in origin.parents else None
        if root is None or "site-packages" in origin.relative_to(root).parts:
            return None
        spec.loader = self
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        assert module.__spec__ is not None and module.__spec__.origin is not None
        path = module.__spec__.origin
        text = importlib.util.decode_source(Path(path).read_bytes())
        module.__dict__[HOOK] = self.session.recorder
        exec(self.session.compile(path, text), module.__dict__)
