"""What holds for every format there is, and the shape of the small ones."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from bpdoctor.report import Format, Options, formats
from tests.report.golden import assert_golden
from tests.report.samples import HEALTHY, NET, REFUSED, SICK, rendered

ALL = list(formats().values())


def test_discovery() -> None:
    assert {"text", "concise", "json"} <= set(formats())
    assert all(name == form.name and form.suffix.startswith(".") for name, form in formats().items())


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.name)
def test_deterministic_and_ended_by_a_newline(form: Format) -> None:
    once, again = (rendered(form, [SICK, HEALTHY, REFUSED]) for _ in range(2))
    assert once == again and once.endswith("\n")


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.name)
@pytest.mark.parametrize("hints", ["symptom", "place"])
def test_no_format_gives_the_cause_away(form: Format, hints: str) -> None:
    told = rendered(form, [SICK], Options(hints=hints, sources={"net.py": NET}))  # type: ignore[arg-type]
    for secret in (
        "BP203",
        "transposed",
        "pullback",
        "matches g.T",
        "differentiates",
        "x.T @ d1",
        "saturated",
    ):
        assert secret not in told
    assert "gradient of `W1` is wrong" in re.sub("</?code>", "`", told)


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.name)
def test_a_symptom_has_no_place_and_a_cause_no_fix(form: Format) -> None:
    symptom = rendered(form, [SICK], Options(hints="symptom", sources={"net.py": NET}))
    assert "net.py:10" not in symptom and '"line": 10' not in symptom
    cause = rendered(form, [SICK], Options(hints="cause", sources={"net.py": NET}))
    assert "transposed" in cause and "x.T @ d1" not in cause


def test_concise() -> None:
    assert_golden("concise.txt", rendered(formats()["concise"], [SICK, HEALTHY, REFUSED]))
    assert rendered(formats()["concise"], [HEALTHY]) == ""


def test_json() -> None:
    assert_golden("report.json", rendered(formats()["json"], [SICK, REFUSED]))


def test_json_keys_are_those_of_the_contract() -> None:
    (data,) = json.loads(rendered(formats()["json"], [SICK]))
    assert list(data) == [
        "schema", "path", "kind", "verdict", "subject", "gradients", "findings", "health", "assumptions",
        "not_examined", "cost", "environment",
    ]  # fmt: skip
    assert list(data["findings"][0]["primary"]) == ["line", "column", "end_line", "end_column", "label"]
    assert data["schema"] == "bpdoctor.report/1"


def test_json_has_no_nan() -> None:
    gradient = replace(SICK.gradients[0], relative_error=float("inf"), error_estimate=float("nan"))
    told = rendered(formats()["json"], [replace(SICK, gradients=(gradient,), health={"x": [float("nan")]})])
    (data,) = json.loads(told, parse_constant=pytest.fail)
    assert data["gradients"][0]["relative_error"] is None
    assert data["health"] == {"x": [None]}


def test_json_takes_numpy_values() -> None:
    np = pytest.importorskip("numpy")
    health = {
        "norms": np.array([[1.0, np.nan]]),
        "dead": np.int64(3),
        "ok": np.bool_(True),
        2: (np.float32(0.5),),
    }
    (data,) = json.loads(rendered(formats()["json"], [replace(HEALTHY, health=health)]))
    assert data["health"] == {"norms": [[1.0, None]], "dead": 3, "ok": True, "2": [0.5]}
