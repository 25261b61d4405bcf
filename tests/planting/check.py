"""Call `bpdoctor check` on a program in a fresh folder and read its report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

LIMIT = 90
ROOT = Path(__file__).resolve().parents[2]


def check(text: str, name: str = "network") -> tuple[dict[str, Any], float]:
    """The report on a program and the seconds it took; `trouble` in it says why there is none."""
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        path = Path(folder) / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        begin = time.perf_counter()
        report = _call(path)
        return report, time.perf_counter() - begin


def _call(path: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "bpdoctor", "check", str(path), "--format", "json"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            cwd=path.parent,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"trouble": f"more than {LIMIT} s"}
    try:
        reports = json.loads(done.stdout)
        report: dict[str, Any] = reports[0] if isinstance(reports, list) else reports
    except (ValueError, IndexError):
        last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        return {"trouble": f"exit {done.returncode}: {last[:160]}"}
    if done.returncode not in (0, 1):
        said = done.stderr.strip().splitlines() or report.get("not_examined") or [""]
        report["trouble"] = f"exit {done.returncode}: {said[-1][:160]}"
    return report
