"""The pytest plugin: imports pytest and the standard library only, so that runs without it cost nothing.

It stands outside of the package, because pytest imports plugins at start and the package's name with them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from bpdoctor.model.report import Report

MARKER = "bpdoctor(seed=0, time_limit=20): options of the checks in a test; the command line goes before them"
SEEDED = frozenset(
    {"assert_gradients", "assert_layer", "assert_derivative", "assert_loss_derivative", "assert_healthy"}
    | {"check", "check_gradients", "check_layer", "check_derivative", "check_loss"}
)
TIMED = frozenset({"assert_healthy", "check"})


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options, and the same as ini values."""
    group = parser.getgroup("bpdoctor", "bpdoctor: hand-written backpropagation")
    group.addoption("--bpdoctor", action="store_true", help="examine the programs named by bpdoctor_files in the ini")
    group.addoption("--bpdoctor-seed", type=int, metavar="N", help="seed of the checks (default 0)")
    group.addoption("--bpdoctor-time-limit", type=float, metavar="SECONDS", help="time for one program (default 20)")
    parser.addini("bpdoctor_files", "programs to examine with --bpdoctor: paths or patterns", type="args", default=[])
    parser.addini("bpdoctor_seed", "seed of the checks", default="0")
    parser.addini("bpdoctor_time_limit", "seconds for one program", default="20")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; the collecting part only when it is asked for."""
    config.addinivalue_line("markers", MARKER)
    if config.getoption("--bpdoctor"):
        config.pluginmanager.register(Programs(config), "bpdoctor-programs")


def setting(config: pytest.Config, name: str, kind: Callable[[Any], Any], item: pytest.Item | None = None) -> Any:
    """Command line, then marker, then ini."""
    given = config.getoption(f"bpdoctor_{name}")
    if given is not None:
        return given
    for mark in item.iter_markers("bpdoctor") if item is not None else ():
        if name in mark.kwargs:
            return kind(mark.kwargs[name])
    return kind(config.getini(f"bpdoctor_{name}"))


# ---- the fixture


class Doctor:
    """The assertions of `bpdoctor.testing` and the checks of `bpdoctor`, with the run's seed; imported when used."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._item = request.node

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        import bpdoctor
        import bpdoctor.testing

        function = getattr(bpdoctor.testing if name in bpdoctor.testing.__all__ else bpdoctor, name)
        options: dict[str, Any] = {}
        if name in SEEDED:
            options["seed"] = setting(self._item.config, "seed", int, self._item)
            self._item.user_properties.append(("bpdoctor_seed", int(options["seed"])))
        if name in TIMED:
            options["time_limit"] = setting(self._item.config, "time_limit", float, self._item)
        return functools.partial(function, **options) if options else function


@pytest.fixture(name="bpdoctor")
def bpdoctor_fixture(request: pytest.FixtureRequest) -> Doctor:
    """Checks of hand-written gradients: `bpdoctor.assert_gradients(loss, grad, params)` and the others."""
    return Doctor(request)


# ---- programs as tests


class Programs:
    """Collects the programs that the ini names, also those outside of the paths that pytest visits."""

    def __init__(self, config: pytest.Config) -> None:
        root = config.rootpath
        patterns = config.getini("bpdoctor_files")
        found = [path for pattern in patterns for path in sorted(root.glob(str(pattern))) if path.is_file()]
        self.files = list(dict.fromkeys(found))
        if not patterns:
            raise pytest.UsageError("--bpdoctor: name the programs by bpdoctor_files in the ini")
        if not self.files:
            raise pytest.UsageError(f"--bpdoctor: no file matches {' '.join(map(str, patterns))} in {root}")
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            # Named in the ini, so wanted, wherever else pytest looks.
            visited = [(config.invocation_params.dir / arg).resolve() for arg in config.args]
            outside = [f for f in self.files if not any(f.is_relative_to(path) for path in visited)]
            config.args = [*config.args, *map(str, outside)]

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Take a program that is named."""
        return Program.from_parent(parent, path=file_path) if file_path in self.files else None


class Program(pytest.File):
    """A program; examined once, when it is collected, because its parameters are not known before."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item a parameter, and one for everything else about the program."""
        from bpdoctor import check

        seed = setting(self.config, "seed", int)
        report = check(str(self.path), seed=seed, time_limit=setting(self.config, "time_limit", float))
        seen: dict[str, int] = {}
        for gradient in report.gradients:
            number = seen[gradient.parameter] = seen.get(gradient.parameter, 0) + 1
            name = gradient.parameter if number == 1 else f"{gradient.parameter} ({number})"
            bad = report.verdict == "sick" and gradient.status in ("wrong", "scaled", "not-finite")
            yield Gradient.from_parent(self, name=name, report=report, bad=bad, line=gradient.line)
        blamed = any(g.status in ("wrong", "scaled", "not-finite") for g in report.gradients)
        bad = report.verdict == "inconclusive" or (report.verdict == "sick" and not blamed)
        yield Gradient.from_parent(self, name="program", report=report, bad=bad, line=None)


class Unhealthy(Exception):
    """Carries the report to where failures are shown."""


class Gradient(pytest.Item):
    """The gradient of one parameter, or the program as a whole."""

    def __init__(self, *, report: Report, bad: bool, line: int | None, **rest: Any) -> None:
        super().__init__(**rest)
        self.report, self.bad, self.line = report, bad, line

    def runtest(self) -> None:
        """Fail with the diagnosis."""
        self.user_properties.append(("bpdoctor_verdict", str(self.report.verdict)))
        self.user_properties.append(("bpdoctor_seed", int(self.report.environment.get("seed", 0))))
        if self.bad:
            raise Unhealthy(str(self.report))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report instead of a traceback of ours."""
        if isinstance(excinfo.value, Unhealthy):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where pytest says that the failure is."""
        return self.path, None if self.line is None else self.line - 1, f"gradient of {self.name}"
