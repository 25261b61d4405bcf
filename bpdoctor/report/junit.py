"""JUnit's XML, for continuous integration: a suite a file, a case an error; what is no error is told beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO
from xml.etree import ElementTree as xml

from bpdoctor.model.report import Finding, Report
from bpdoctor.report.cells import clean
from bpdoctor.report.format import Format, Options
from bpdoctor.report.hints import withhold
from bpdoctor.report.wording import verdict, why_not


def render(reports: Sequence[Report], stream: TextIO, *, options: Options) -> None:
    """Write one document; a warning does not fail a build, nor does a note."""
    root = xml.Element("testsuites", name="bpdoctor")
    for report in reports:
        _suite(root, withhold(report, options.hints))
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    xml.indent(root)
    text = xml.tostring(root, encoding="unicode")
    # Whatever the stream's encoding, the document is ASCII.
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode("ascii", "xmlcharrefreplace").decode() + "\n")


def _suite(root: xml.Element, report: Report) -> None:
    errors = [finding for finding in report.findings if finding.severity == "error"]
    others = [finding for finding in report.findings if finding.severity != "error"]
    undecided = report.verdict == "inconclusive"
    suite = xml.SubElement(root, "testsuite", name=_shown(report.path))
    for finding in errors:
        case = xml.SubElement(suite, "testcase", name=_name(finding), classname=_shown(report.path))
        failure = xml.SubElement(case, "failure", message=_shown(finding.message), type=finding.code or "error")
        failure.text = _told(finding)
    if undecided or not errors:
        case = xml.SubElement(suite, "testcase", name="gradients", classname=_shown(report.path))
        if undecided:
            xml.SubElement(case, "error", message=_shown(why_not(report)), type="inconclusive")
        else:
            told = [_shown(verdict(report)), *map(_told, others)]
            xml.SubElement(case, "system-out").text = "\n".join(told)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(errors)))
    suite.set("errors", str(int(undecided)))


def _name(finding: Finding) -> str:
    mark = finding.primary
    return (finding.rule or "finding") + ("" if mark is None else f" at {mark.span.line}:{mark.span.column}")


def _told(finding: Finding) -> str:
    mark = finding.primary
    place = f"{mark.span.place}:{mark.span.line}:{mark.span.column}: " if mark is not None else ""
    lines = [f"{place}{finding.severity}: {finding.message}", *finding.evidence]
    if finding.fix is not None:
        lines.append(f"{finding.fix.title} ({finding.fix.proof})")
    return "\n".join(map(_shown, lines))


def _shown(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return clean(" ".join(text.split()))


FORMAT = Format("junit", ".xml", render)
