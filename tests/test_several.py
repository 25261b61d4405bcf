"""Two and three faults in one file: each is found at its line, and fixing them in order ends in health."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bpdoctor.model.report import Report
from bpdoctor.pipeline import Options, check_path, mend_path

FOLDER = Path(__file__).parent / "several"
PROGRAMS = sorted(path for path in FOLDER.glob("*.py") if path.name != "__init__.py")
# Of two faults next to each other on one path only what comes of both can be seen.
TOGETHER = {"chain_three.py": {("transposed-weights", 34), ("missing-activation-derivative", 35)}}


def marked(path: Path) -> set[tuple[str, int]]:
    """The faults that a program's own comments name."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return {(found[1], n) for n, line in enumerate(lines, 1) if (found := re.search(r"# <- ([\w-]+)", line))}


def errors(report: Report) -> set[tuple[str, int]]:
    return {(f.rule, f.primary.span.line) for f in report.findings if f.severity == "error" and f.primary is not None}


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_each_fault_is_reported_at_its_line(path: Path) -> None:
    found, expected = errors(check_path(str(path), Options(fix=False))), marked(path)
    together = TOGETHER.get(path.name, set())
    assert found >= expected - together
    others = found - expected
    if together:
        assert {line for _, line in others} & {line for _, line in together}
    # Parameters that run away are what wrong gradients do, and no finding of their own.
    assert len(others) <= bool(together)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_fixing_in_order_ends_in_health(path: Path) -> None:
    before = path.read_text(encoding="utf-8")
    mended = mend_path(str(path))
    assert mended.after.verdict == "healthy"
    assert len(mended.made) == len(marked(path)) - bool(TOGETHER.get(path.name))
    assert path.read_text(encoding="utf-8") == before
    (source,) = mended.changed
    old, new = before.split("\n"), source.written.split("\n")
    # Nothing but the guilty lines is touched, and their comments stay.
    changed = {n for n, (a, b) in enumerate(zip(old, new, strict=True), 1) if a != b}
    assert changed <= {line for _, line in marked(path)}
    assert all(b.endswith(a.partition("# <-")[2]) for a, b in zip(old, new, strict=True))
