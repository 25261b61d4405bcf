"""(h) What the pytest plugin costs a run that does not use it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.benchmarks.table import seconds, show

BUDGET = 5e-3
ROUNDS = 40


def main() -> None:
    """Run one empty test with and without the plugin, in turn; other plugins vary more than this and are left out."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "test_nothing.py").write_text("def test_nothing():\n    pass\n")
        pairs = [(_run(folder, "-p", "_bpdoctor_pytest"), _run(folder)) for _ in range(ROUNDS)]
    with_it, without = (median(times) for times in zip(*pairs, strict=True))
    more = median(a - b for a, b in pairs)
    kept = "kept" if more <= BUDGET else "EXCEEDED"
    row = [seconds(with_it), seconds(without), seconds(more), f"<= {seconds(BUDGET)}: {kept}"]
    show("(h) pytest on one empty test", ["with the plugin", "without", "median of the differences", "budget"], [row])


def _run(folder: str, *options: str) -> float:
    # An installed plugin has its bytecode.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    command = [sys.executable, "-m", "pytest", "-q", *options]
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    return time.perf_counter() - began
