"""What is written in a stuck network's file as its cause, and what a check says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bpdoctor.pipeline import Options, check_path

FOLDER = Path(__file__).parent / "networks"
TOLD = 3
_MARK = re.compile(r"# <- ([\w-]+)")


@dataclass(frozen=True, slots=True)
class Row:
    """The cause and what is said first, each as (slug, line); `others` are what is said besides, notes left out."""

    cause: tuple[str, int]
    said: tuple[str, int]
    others: tuple[str, ...]
    evidence: tuple[str, ...]


def told(path: Path, *, fix: bool = True) -> Row:
    """Check one network. The mark is a comment, which no examination reads."""
    lines = path.read_text(encoding="utf-8").splitlines()
    cause = next((m[1], number) for number, line in enumerate(lines, 1) if (m := _MARK.search(line)))
    report = check_path(str(path), Options(fix=fix))
    found = [f for f in report.findings if f.severity != "note"]
    said = [(f.rule, f.primary.span.line if f.primary else 0) for f in found]
    others = tuple(rule for rule, _ in said[1:])
    return Row(cause, said[0] if said else ("nothing", 0), others, found[0].evidence if found else ())
