"""What other programs read: SARIF, annotations on GitHub, JUnit."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

from bpdoctor import __version__
from bpdoctor.model.report import Mark, Report
from bpdoctor.report import Options, formats
from tests.report.golden import assert_golden
from tests.report.samples import HEALTHY, REFUSED, SICK, rendered

ALL = [SICK, HEALTHY, REFUSED]


def in_cell(report: Report) -> Report:
    """The same in a notebook."""

    def moved(mark: Mark | None) -> Mark | None:
        return None if mark is None else replace(mark, span=replace(mark.span, file="net.ipynb", cell=2))

    findings = tuple(replace(f, primary=moved(f.primary), related=()) for f in report.findings)
    return replace(report, path="net.ipynb", kind="notebook", findings=findings)


def test_goldens() -> None:
    assert_golden("report.sarif", rendered(formats()["sarif"], ALL).replace(f'"{__version__}"', '"0"'))
    assert_golden("github.txt", rendered(formats()["github"], ALL))
    assert_golden("junit.xml", rendered(formats()["junit"], ALL))


# What the schema of SARIF 2.1.0 requires of the objects that are used here, and the values it knows.
REQUIRED = {
    "runs": {"tool"},
    "driver": {"name"},
    "rules": {"id"},
    "results": {"message"},
    "toolExecutionNotifications": {"message"},
    "invocations": {"executionSuccessful"},
    "fixes": {"artifactChanges"},
    "artifactChanges": {"artifactLocation", "replacements"},
    "replacements": {"deletedRegion"},
    "message": {"text"},
    "fullDescription": {"text"},
}
LEVELS = {"none", "note", "warning", "error"}


def walk(name: str, value: Any) -> None:
    """Every object has what the schema requires of it."""
    if isinstance(value, list):
        for item in value:
            walk(name, item)
    elif isinstance(value, dict):
        assert REQUIRED.get(name, set()) <= set(value), (name, value)
        assert value.get("level", "note") in LEVELS
        if name in ("region", "deletedRegion"):
            assert min(value.values()) >= 1
            assert (value["endLine"], value["endColumn"]) >= (value["startLine"], value["startColumn"])
        for key, item in value.items():
            walk(key, item)


def sarif(*reports: Report) -> Any:
    return json.loads(rendered(formats()["sarif"], reports))


def test_sarif_is_what_the_schema_requires() -> None:
    data = sarif(*ALL, in_cell(SICK))
    assert set(data) == {"$schema", "version", "runs"} and data["version"] == "2.1.0"
    walk("log", data)
    (run,) = data["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(ids)) == len(ids) and {result["ruleId"] for result in run["results"]} <= set(ids)


def test_sarif_gives_the_fix_and_no_absolute_path() -> None:
    first = sarif(SICK)["runs"][0]["results"][0]
    (change,) = first["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"] == {"uri": "net.py"}
    assert change["replacements"][0]["insertedContent"] == {"text": "x.T @ d1"}
    assert sarif(REFUSED)["runs"][0]["invocations"][0]["executionSuccessful"] is False


def test_places_in_notebooks() -> None:
    """A region counts lines of the file, of which a cell's lines are none."""
    first = sarif(in_cell(SICK))["runs"][0]["results"][0]
    (place,) = first["locations"]
    assert "region" not in place["physicalLocation"]
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "net.ipynb:cell 2:10:12"
    annotated = rendered(formats()["github"], [in_cell(SICK)])
    assert "line=" not in annotated and "file=net.ipynb" in annotated
    assert "net.ipynb:cell 2:10:12" in rendered(formats()["junit"], [in_cell(SICK)])


def test_github_needs_no_more_than_a_line_a_finding() -> None:
    told = rendered(formats()["github"], [SICK])
    assert [line.partition(" ")[0] for line in told.splitlines()] == ["::error", "::warning"]
    assert rendered(formats()["github"], [HEALTHY]) == ""


def test_junit_counts() -> None:
    root = ElementTree.fromstring(rendered(formats()["junit"], ALL))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "1")
    assert [suite.get("name") for suite in root] == ["net.py", "good.py", "net.py"]


def test_junit_holds_what_xml_cannot() -> None:
    strange = replace(REFUSED, reason="bad \x00\x1b[31m <&> été")
    (error,) = ElementTree.fromstring(rendered(formats()["junit"], [strange])).iter("error")
    assert error.get("message") == "bad \\x00\\x1b[31m <&> été"


def test_hints_hold_here_too() -> None:
    for name in ("sarif", "github", "junit"):
        told = rendered(formats()[name], [SICK], Options(hints="place"))
        assert "BP203" not in told and "10" in told
