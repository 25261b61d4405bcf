"""The fix of a case does what its cured twin does, to the last printed digit."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path
from bpdoctor.syntax.edits import apply

CASES = Path(__file__).resolve().parents[2] / "cases"
_NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?")

CURED = (
    "batchnorm-gradient",
    "conv-gradient",
    "im2col-gradient",
    "pooling-gradient",
    "pooling-gradient-2",
    "reshape-for-transpose",
    "residual-gradient-missing",
    "stale-cache",
)


def printed(path: Path) -> list[float]:
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=True, cwd=path.parent)
    return [float(number) for number in _NUMBER.findall(done.stdout)]


@pytest.mark.parametrize("slug", CURED)
def test_fix_does_what_the_cured_twin_does(slug: str, tmp_path: Path) -> None:
    sick, cured = CASES / slug / "sick.py", CASES / slug / "cured.py"
    fix = next(f.fix for f in check_path(str(sick), Options(time_limit=120)).findings if f.severity == "error")
    assert fix is not None
    assert fix.verified
    mended = tmp_path / "mended.py"
    mended.write_text(apply(sick.read_text(), fix.edits))
    assert printed(mended) == pytest.approx(printed(cured), rel=1e-6, abs=1e-9)
