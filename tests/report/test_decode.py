"""A Report survives JSON both ways."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpdoctor.model.report import (
    Applicability,
    Finding,
    Fix,
    GradientResult,
    Loss,
    Mark,
    Parameter,
    Report,
    Severity,
    Status,
    Subject,
    Verdict,
)
from bpdoctor.model.source import Edit, Span
from bpdoctor.report import formats
from bpdoctor.report.decode import from_json
from tests.report.samples import HEALTHY, REFUSED, SICK, rendered

TEXT = st.text(st.characters(), max_size=8)
TEXTS = st.lists(TEXT, max_size=2).map(tuple)
LINE = st.integers(1, 10**6)
MAYBE_LINE = st.none() | LINE
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
MAYBE_NUMBER = st.none() | NUMBER
FILES = st.sampled_from(["net.py", "other.py", "目录/网.py"])
SPANS = st.builds(Span, FILES, LINE, LINE, LINE, LINE)
MARKS = st.builds(Mark, SPANS, TEXT)
EDITS = st.lists(st.builds(Edit, SPANS, TEXT), max_size=2).map(tuple)
FIXES = st.builds(Fix, TEXT, st.sampled_from(get_args(Applicability)), st.booleans(), EDITS, TEXT)
FINDINGS = st.builds(
    Finding,
    code=TEXT,
    rule=TEXT,
    severity=st.sampled_from(get_args(Severity)),
    message=TEXT,
    primary=st.none() | MARKS,
    related=st.lists(MARKS, max_size=2).map(tuple),
    evidence=TEXTS,
    why=TEXT,
    residual=MAYBE_NUMBER,
    follows=TEXTS,
    fix=st.none() | FIXES,
)
GRADIENTS = st.builds(
    GradientResult,
    TEXT,
    st.sampled_from(get_args(Status)),
    MAYBE_NUMBER,
    MAYBE_NUMBER,
    MAYBE_NUMBER,
    MAYBE_LINE,
)
SUBJECTS = st.builds(
    Subject,
    st.lists(st.builds(Parameter, TEXT, st.lists(st.integers(0, 9)).map(tuple), MAYBE_LINE), max_size=2).map(tuple),
    st.none() | st.builds(Loss, TEXT, MAYBE_LINE, TEXT, st.booleans()),
    TEXT,
    st.integers(0, 99),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=6,
)
REPORTS = st.builds(
    Report,
    path=FILES,
    kind=TEXT,
    verdict=st.sampled_from(get_args(Verdict)),
    subject=SUBJECTS,
    gradients=st.lists(GRADIENTS, max_size=2).map(tuple),
    findings=st.lists(FINDINGS, max_size=2).map(tuple),
    health=st.dictionaries(TEXT, JSON, max_size=2),
    assumptions=TEXTS,
    not_examined=TEXTS,
    cost=st.dictionaries(TEXT, NUMBER, max_size=2),
    environment=st.dictionaries(TEXT, TEXT, max_size=2),
    reason=TEXT,
    reason_at=st.none() | MARKS,
)


# How fast a busy machine draws reports is not what is tested.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@UNHURRIED
@given(st.lists(REPORTS, max_size=2))
def test_there_and_back(reports: list[Report]) -> None:
    assert from_json(rendered(formats()["json"], reports)) == reports


@UNHURRIED
@given(REPORTS)
def test_every_format_takes_every_report(report: Report) -> None:
    for form in formats().values():
        rendered(form, [report])


def test_the_samples() -> None:
    assert from_json(rendered(formats()["json"], [SICK, HEALTHY, REFUSED])) == [SICK, HEALTHY, REFUSED]


def test_unknown_keys_are_left_alone() -> None:
    data = json.loads(rendered(formats()["json"], [SICK]))
    data[0]["later"] = data[0]["findings"][0]["later"] = 1
    assert from_json(json.dumps(data)) == [SICK]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "list of reports"),
        ("[1]", "schema"),
        ('[{"schema": "bpdoctor.report/9"}]', "bpdoctor.report/9"),
        ('[{"schema": "bpdoctor.report/1"}]', "'path'"),
    ],
)
def test_what_is_no_report_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        from_json(text)
