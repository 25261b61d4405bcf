"""Write everything about a class into one folder."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from bpdoctor.grade.assignment import Assignment
from bpdoctor.grade.report import feedback, page, summary, tables
from bpdoctor.grade.report.gradescope import gradescope
from bpdoctor.grade.store import Row


def write(folder: Path, assignment: Assignment, rows: Mapping[str, Row]) -> None:
    """Write the tables, the summary and a folder of feedback; each file appears whole or not at all."""
    put(folder / "grades.json", tables.as_json(assignment, rows))
    put(folder / "grades.csv", tables.as_csv(assignment, rows))
    put(folder / "grades.xml", tables.as_junit(assignment, rows))
    put(folder / "summary.html", summary.as_html(assignment, rows))
    put(folder / "summary.txt", summary.as_text(assignment, rows))
    names = file_names(list(rows))
    for student, row in rows.items():
        base, hints = folder / "feedback" / names[student], assignment.hints
        put(base.with_name(f"{base.name}.txt"), feedback.text(assignment.title, row.grade, hints))
        put(base.with_name(f"{base.name}.md"), feedback.markdown(assignment.title, row.grade, hints))
        put(base.with_name(f"{base.name}.html"), page.page(assignment.title, row.grade, hints))
        told = json.dumps(gradescope(row.grade, hints, row.rung), indent=1)
        put(base.with_name(f"{base.name}.results.json"), told + "\n")


def file_names(students: list[str]) -> dict[str, str]:
    """A student's name comes from a file or a folder, but not every one can be the name of a file again."""
    names: dict[str, str] = {}
    for student in students:
        plain = re.sub(r"[^\w .()+@-]", "_", student).strip(". ")[:80] or "student"
        taken = {n.lower() for n in names.values()}
        name, number = plain, 2
        while name.lower() in taken:
            name, number = f"{plain}-{number}", number + 1
        names[student] = name
    return names


def put(path: Path, text: str) -> None:
    """Write a file whole. What a killed run left half is what the next one writes first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(text.encode("utf-8", "replace"))
    beside.replace(path)
