"""What a new grading would change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from bpdoctor.grade.marks import Grade
from bpdoctor.grade.report.rubric import points, sections
from bpdoctor.grade.store import Row


def before(folder: Path) -> dict[str, Grade]:
    """Return the grades as they were written."""
    told = json.loads((folder / "grades.json").read_text(encoding="utf-8"))
    return {
        s: Grade.from_json({k: g[k] for k in ("lines", "problem", "flags", "output")})
        for s, g in told["students"].items()
    }


def differences(old: Mapping[str, Grade], new: Mapping[str, Row]) -> list[str]:
    """Return a line for each student whose score changes, and for those who came or went."""
    out = []
    for student in sorted({*old, *new}):
        if student not in new:
            out.append(f"{student}: gone (had {points(old[student].score)})")
        elif student not in old:
            out.append(f"{student}: new, {points(new[student].grade.score)}")
        elif old[student].score != new[student].grade.score:
            was, now = old[student], new[student].grade
            out.append(f"{student}: {points(was.score)} -> {points(now.score)}{_where(was, now)}")
    return out


def _where(old: Grade, new: Grade) -> str:
    was = {s.name: s.points for s in sections(old, "none", everything=True)}
    now = {s.name: s.points for s in sections(new, "none", everything=True)}
    changed = [
        f"{n} {points(was.get(n, 0))} -> {points(now.get(n, 0))}" for n in {**was, **now} if was.get(n) != now.get(n)
    ]
    return f" ({', '.join(changed)})" if changed else ""
