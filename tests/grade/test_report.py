"""What students and instructors read: nothing beyond the hint level, nothing that runs, forms that parse."""

from __future__ import annotations

import csv
import io
import json
import re
from xml.etree import ElementTree

import pytest

from bpdoctor.grade.assignment import read
from bpdoctor.grade.marks import HINTS, Grade, Hints, Line
from bpdoctor.grade.report import feedback, gradescope, page, summary, tables
from bpdoctor.grade.report.folder import file_names
from bpdoctor.grade.store import Row
from tests.grade.population import ASSIGNMENT

EVIL = "<script>alert(1)</script> | `x` **b** =cmd()\x00\x1b[31m"
GRADE = Grade(
    (
        Line("layer", "value", 1.0, 1.0),
        Line("layer", "gradient", 0.0, 2.0, "sign", "SYMPTOM", f"PLACE {EVIL}", "CAUSE"),
        Line("secret", "part", 0.0, 3.0, "wrong", "HIDDEN SYMPTOM", "", "", True),
    ),
    f"PROBLEM {EVIL}",
    ("FLAG",),
)
ROWS = {"=anna": Row(GRADE, "strict", 1.0), "ben\x00<b>": Row(GRADE, "strict", 2.0)}


def texts(hints: Hints) -> list[str]:
    told = json.dumps(gradescope.gradescope(GRADE, hints, "strict")["tests"][0])
    return [feedback.text("t", GRADE, hints), feedback.markdown("t", GRADE, hints), page.page("t", GRADE, hints), told]


@pytest.mark.parametrize("hints", HINTS)
def test_hint_levels(hints: Hints) -> None:
    level = HINTS.index(hints)
    for told in texts(hints):
        assert ("SYMPTOM" in told) == (level >= 1)
        assert ("PLACE" in told) == (level >= 2)
        assert ("CAUSE" in told) == (level >= 3)
        assert "HIDDEN" not in told


def test_nothing_a_student_wrote_runs() -> None:
    for told in (page.page("t", GRADE, "cause"), summary.as_html(read(ASSIGNMENT), ROWS)):
        assert "<script" not in told
        assert "default-src 'none'" in told
    assert not re.search(r"(?<!\\)<script", feedback.markdown("t", GRADE, "cause"))


def test_tables_parse() -> None:
    assignment = read(ASSIGNMENT)
    suites = ElementTree.fromstring(tables.as_junit(assignment, ROWS).encode())
    assert len(suites.findall("testsuite/testcase/failure")) == 4
    rows = list(csv.DictReader(io.StringIO(tables.as_csv(assignment, ROWS))))
    assert rows[0]["student_id"] == "'=anna"
    assert float(rows[0]["score"]) == 1.0
    assert json.loads(tables.as_json(assignment, ROWS))["students"]["=anna"]["max"] == 6.0


def test_the_summary_groups_by_diagnosis_and_names_nobody() -> None:
    found = summary.clusters(ROWS)
    assert [(c.check, c.slug, c.count) for c in found] == [("layer", "sign", 2), ("secret", "wrong", 2)]


def test_names_of_files() -> None:
    names = file_names(["a/../../b", "..", "A", "a", "con\x00", ""])
    assert len({n.lower() for n in names.values()}) == 6
    assert all(n and "/" not in n and not n.startswith(".") for n in names.values())


def test_prairielearn_tells_what_is_no_attempt() -> None:
    bad = Grade((Line("a", "b", 0.0, 1.0, "ungradable", "no program"),), "no program")
    assert gradescope.prairielearn(bad, "cause")["gradable"] is False
