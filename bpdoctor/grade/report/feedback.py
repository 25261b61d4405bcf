"""Feedback to one student, as text and as Markdown."""

from __future__ import annotations

import re

from bpdoctor.grade.marks import Grade, Hints
from bpdoctor.grade.report.rubric import points, sections, total

_MARKS = {"passed": "ok", "partial": "~ ", "failed": "x "}


def text(title: str, grade: Grade, hints: Hints) -> str:
    """Return plain text."""
    reached, most = total(grade)
    out = [f"{title}: {points(reached)} of {points(most)} points"]
    if grade.problem and hints != "none":
        out.append(grade.problem)
    for section in sections(grade, hints):
        if section.hidden:
            out.append(f"\n{section.name}  (hidden, {points(section.most)} points)")
            continue
        out.append(f"\n{section.name}  {points(section.points)} of {points(section.most)}")
        for line in section.lines:
            told = f": {line.text}" if line.text else ""
            out.append(
                f"  {_MARKS[line.status]} {line.name or 'all'}  {points(line.points)} of {points(line.most)}{told}"
            )
    return "\n".join(out) + "\n"


def markdown(title: str, grade: Grade, hints: Hints) -> str:
    """Return Markdown; what the student wrote cannot form it."""
    reached, most = total(grade)
    out = [f"# {_plain(title)}", "", f"**{points(reached)} of {points(most)} points**", ""]
    if grade.problem and hints != "none":
        out += [_plain(grade.problem), ""]
    for section in sections(grade, hints):
        if section.hidden:
            out += [f"## {_plain(section.name)} (hidden, {points(section.most)} points)", ""]
            continue
        out += [f"## {_plain(section.name)}: {points(section.points)} of {points(section.most)}", ""]
        out += ["| | points | |", "|---|---|---|"]
        for line in section.lines:
            told = _plain(line.text or ("right" if line.status == "passed" else ""))
            out.append(f"| {_plain(line.name or 'all')} | {points(line.points)} of {points(line.most)} | {told} |")
        out.append("")
    return "\n".join(out)


def _plain(text: str) -> str:
    """Escape what Markdown would read; backticks are ours, and pair up."""
    text = " ".join(text.split())
    if text.count("`") % 2:
        text = text.replace("`", "'")
    parts = text.split("`")
    parts[::2] = [re.sub(r"([\\*_{}\[\]<>#|!~])", r"\\\1", p) for p in parts[::2]]
    return "`".join(parts[i] if i % 2 == 0 else parts[i].replace("|", "\\|") for i in range(len(parts)))
