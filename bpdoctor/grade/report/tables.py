"""The class as JSON, CSV and JUnit. Without times: a second run writes the same bytes."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from bpdoctor.grade.assignment import Assignment
from bpdoctor.grade.marks import Grade
from bpdoctor.grade.report.rubric import sections
from bpdoctor.grade.store import Row

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_json(assignment: Assignment, rows: Mapping[str, Row]) -> str:
    """Return everything that is known about the class."""
    students = {
        s: {"score": r.grade.score, "max": r.grade.most, "isolation": r.rung, **r.grade.as_json()}
        for s, r in rows.items()
    }
    told = {"assignment": assignment.title, "digest": assignment.digest, "seed": assignment.seed, "students": students}
    return json.dumps(told, indent=1, sort_keys=True) + "\n"


def as_csv(assignment: Assignment, rows: Mapping[str, Row]) -> str:
    """Return one row a student: the columns that gradebooks (nbgrader, Otter) read come first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [check.name for check in assignment.checks]
    writer.writerow(["student_id", "assignment", "score", "max_score", *map(_cell, names), "problem", "flags"])
    for student, row in rows.items():
        grade = row.grade
        by_check = {s.name: s.points for s in sections(grade, "none", everything=True)}
        scores = [by_check.get(n, 0.0) for n in names]
        told = [_cell(grade.problem), _cell("; ".join(grade.flags))]
        writer.writerow([_cell(student), _cell(assignment.title), grade.score, grade.most, *scores, *told])
    return out.getvalue()


def _cell(text: str) -> str:
    """A spreadsheet must not take a student's text for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_junit(assignment: Assignment, rows: Mapping[str, Row]) -> str:
    """Return one suite a student, one case a line."""
    suites = [_suite(student, row.grade) for student, row in rows.items()]
    head = f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name={_attribute(assignment.title)}>\n'
    return head + "".join(suites) + "</testsuites>\n"


def _suite(student: str, grade: Grade) -> str:
    failures = sum(line.status != "passed" for line in grade.lines)
    cases = []
    for line in grade.lines:
        name = f"{line.check}: {line.part}" if line.part else line.check
        case = f"  <testcase classname={_attribute(student)} name={_attribute(name)}"
        if line.status == "passed":
            cases.append(f"{case}/>\n")
        else:
            told = f"<failure type={_attribute(line.slug)}>{escape(_legal(line.told('cause')))}</failure>"
            cases.append(f"{case}>{told}</testcase>\n")
    count = f'tests="{len(grade.lines)}" failures="{failures}"'
    return f" <testsuite name={_attribute(student)} {count}>\n{''.join(cases)} </testsuite>\n"


def _attribute(text: str) -> str:
    return quoteattr(_legal(text))


def _legal(text: str) -> str:
    """XML has no place for control characters and surrogates."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
