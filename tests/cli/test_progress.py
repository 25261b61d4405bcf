"""The bar: on a terminal, after a while, and nowhere else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

CODE = """
import sys, time
from bpdoctor.cli.progress import progress
from bpdoctor.observe.sealed import run
with progress(3, after=float(sys.argv[1])) as begin:
    for name in ("one.py", "two.py", "[b]three.py"):
        begin(name)
        assert run(lambda say: (time.sleep(0.5), b"done")[1], 5.0).data == b"done"
"""


def on_a_terminal(after: float) -> str:
    """What a terminal receives on standard error."""
    ours, theirs = pty.openpty()
    try:
        subprocess.run([sys.executable, "-c", CODE, str(after)], stderr=theirs, check=True, timeout=60)
        os.close(theirs)
        parts = []
        try:
            while part := os.read(ours, 65536):
                parts.append(part)
        except OSError:
            pass
        return b"".join(parts).decode("utf-8", "replace")
    finally:
        os.close(ours)


def test_what_takes_long_has_a_bar() -> None:
    told = on_a_terminal(0.2)
    assert "two.py" in told and "[b]three.py" in told and "1/3" in told


def test_what_is_quick_has_none() -> None:
    assert on_a_terminal(30.0) == ""


def test_nothing_goes_into_a_pipe(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CODE, "0"], capture_output=True, check=True, timeout=60)
    assert done.stderr == done.stdout == b""
