"""The other commands, and what the command line imports."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bpdoctor.rules import all_rules
from tests.cli.fakes import Run

ROOT = Path(__file__).parents[2]


def _modules(*args: str) -> set[str]:
    """Return what a fresh interpreter has imported after a command."""
    program = (
        "import sys, io, contextlib\n"
        "from bpdoctor.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()): main(sys.argv[1:])\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *args], capture_output=True, text=True, check=True, cwd=ROOT
    )  # fmt: skip
    return set(done.stdout.split())


@pytest.mark.parametrize("args", [["--help"], ["check", "--help"], ["--version"], ["check", "absent.py"]])
def test_help_imports_nothing_heavy(args: list[str]) -> None:
    modules = _modules(*args)
    assert not modules & {"numpy", "scipy", "rich", "bpdoctor.rules", "bpdoctor.report", "bpdoctor.pipeline"}


def test_python_m() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bpdoctor", "rules"], capture_output=True, check=False, cwd=ROOT
    )  # fmt: skip
    assert done.returncode == 0 and b"double-activation-derivative" in done.stdout


def test_help_lists_the_commands(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert all(f"\n  {name} " in out for name in ("cases", "check", "explain", "rules"))


def test_an_unknown_command(run: Run) -> None:
    assert run("cure")[0] == 2


def test_rules(run: Run) -> None:
    code, out, _ = run("rules")
    assert code == 0
    assert [line.split()[1] for line in out.splitlines()] == list(all_rules())
    listed = json.loads(run("rules", "--format", "json")[1])
    assert [rule["code"] for rule in listed] == sorted(rule["code"] for rule in listed)
    assert list(listed[0]) == ["code", "slug", "severity", "title", "aliases"]


@pytest.mark.parametrize("name", ["BP301", "bp301", "double-activation-derivative"])
def test_explain(run: Run, name: str) -> None:
    code, out, _ = run("explain", name)
    assert code == 0
    assert out.startswith("error[BP301] double-activation-derivative\n")


def test_explain_what_is_not_there(run: Run) -> None:
    code, _, err = run("explain", "BP31")
    assert code == 2 and "did you mean BP301" in err
    assert run("explain", "BP3")[0] == 2
