"""Results as Gradescope and PrairieLearn read them."""

from __future__ import annotations

from typing import Any

from bpdoctor.grade.marks import Grade, Hints
from bpdoctor.grade.report.rubric import Section, points, sections


def gradescope(grade: Grade, hints: Hints, rung: str) -> dict[str, Any]:
    """Return the content of Gradescope's results.json. A hidden check hides the total; that is Gradescope's rule."""
    tests = []
    for number, section in enumerate(sections(grade, hints, everything=True), 1):
        hidden = any(line.hidden for line in grade.lines if line.check == section.name)
        tests.append({
            "number": str(number),
            "name": section.name,
            "score": section.points,
            "max_score": section.most,
            "status": "passed" if section.points >= section.most else "failed",
            "output": _told(section),
            "output_format": "text",
            "visibility": "after_published" if hidden else "visible",
        })  # fmt: skip
    output = grade.problem if hints != "none" else ""
    return {
        "score": grade.score,
        "output": output,
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {"isolation": rung, "flags": list(grade.flags)},
    }


def prairielearn(grade: Grade, hints: Hints) -> dict[str, Any]:
    """Return the content of PrairieLearn's results.json."""
    ungradable = bool(grade.lines) and all(line.slug == "ungradable" for line in grade.lines)
    share = grade.score / grade.most if grade.most else 0.0
    result: dict[str, Any] = {"gradable": not ungradable, "score": round(share, 6)}
    if ungradable:
        result["format_errors"] = [grade.problem]
    result["tests"] = [
        {"name": s.name, "points": s.points, "max_points": s.most, "output": "" if s.hidden else _told(s)}
        for s in sections(grade, hints)
        if not s.hidden
    ]
    return result


def _told(section: Section) -> str:
    lines = []
    for line in section.lines:
        text = f": {line.text}" if line.text else ""
        lines.append(f"{line.name or 'all'}: {points(line.points)} of {points(line.most)}{text}")
    return "\n".join(lines)[:20_000]
