"""(a) A whole check of a short script, in units of `python -c "import numpy"`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks.table import ROOT, alternately, seconds, show, times, within

BUDGET = 6.0
ROUNDS = 5
SCRIPTS = (
    "healthy/xor_logistic.py",
    "healthy/xor_tanh.py",
    "healthy/published_worked_example.py",
    "read-after-mutation/sick.py",
    "double-activation-derivative/sick.py",
    "double-activation-derivative-2/sick.py",
)


def main(paths: Sequence[str]) -> None:
    """Check the scripts of the gallery that are like the seed scripts, or those that are named."""
    scripts = [Path(p) for p in paths] or [ROOT / "cases" / name for name in SCRIPTS]
    rows = []
    for script in scripts:
        check, numpy = alternately([_command("-m", "bpdoctor", "check", str(script)), _numpy()], ROUNDS)
        ratio = check / numpy
        rows.append(
            [_short(script), seconds(check), seconds(numpy), times(ratio), within(ratio, BUDGET)],
        )
    head = ["script", "bpdoctor check", "import numpy", "ratio", "budget"]
    show("(a) check, end to end", head, rows)


def _numpy() -> Callable[[], object]:
    return _command("-c", "import numpy")


def _command(*args: str) -> Callable[[], object]:
    """A Python command whose output is thrown away."""
    # NumPy was installed with its bytecode; this package, where it is run from its sources, writes its own once.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def call() -> object:
        command = [sys.executable, *args]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False).returncode

    return call


def _short(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
