"""The fake pipeline in the place of the real one, a folder of programs, and a way to run commands."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from bpdoctor.cli import main
from bpdoctor.model.report import Report
from tests.cli.fakes import Options, Run, Seen, answer


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """Put the fake in the place of the pipeline."""
    seen = Seen([], [])

    def check_path(path: str, options: Options) -> Report:
        seen.paths.append(path)
        seen.options.append(options)
        return answer(path)

    module = types.ModuleType("bpdoctor.pipeline")
    module.Options, module.check_path = Options, check_path  # type: ignore[attr-defined]
    module.preload = lambda: None  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "bpdoctor.pipeline", module)
    return seen


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with one file of each kind."""
    monkeypatch.chdir(tmp_path)
    for name in ("sick", "odd", "good", "broken", "crash"):
        (tmp_path / f"{name}.py").write_text("W1 = 1\n")
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line; return exit code, standard output and standard error."""

    def call(*args: str) -> tuple[int, str, str]:
        code = main(args)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call
