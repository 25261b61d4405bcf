"""The training run in the text report, and the sparkline in it."""

from __future__ import annotations

import doctest
import math
from dataclasses import replace

from bpdoctor.model.health import Health, LayerHealth
from bpdoctor.report import Options, formats, sparkline
from bpdoctor.report.page import axes, flow, heat
from tests.report.samples import HEALTHY, rendered

LAYER = LayerHealth(
    line=3, expression="h", activation="relu", hidden=True, units=4, mean=(0.5, 0.4, 0.4), std=(0.1, 0.2, 0.2),
    quantiles=((0.0,) * 7,) * 3, low=(-1.0,) * 3, high=(1.0,) * 3, spread=(1.0,) * 3, dead=(0.0, 0.25, 0.5),
    saturated=(None,) * 3, rank=(2,) * 3, error_norm=(1.0, 0.5, 0.1), silent=(1,),
)  # fmt: skip
RUN = Health((0, 1, 9), (1.0, 0.5, 0.25), (None,) * 3, (None,) * 3, True, "falling", (LAYER,), ())


def told(health: Health, **options: object) -> str:
    report = replace(HEALTHY, health=health.encode())
    return rendered(formats()["text"], [report], Options(**options))  # type: ignore[arg-type]


def test_examples() -> None:
    for module in (sparkline, axes, flow, heat):
        assert doctest.testmod(module).failed == 0


def test_the_run_in_two_lines_and_a_row_a_layer() -> None:
    lines = told(RUN).splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("training: "))
    assert lines[at] == "training: 10 steps, loss 1 █▃▁ 0.25, falling"
    assert lines[at + 1].split() == ["layer", "function", "units", "mean", "std", "dead", "gradient"]
    assert lines[at + 2].split() == ["h", "relu", "4", "0.4", "0.2", "50%", "█▄▁"]


def test_in_plain_letters() -> None:
    assert told(RUN, ascii=True).isascii()


def test_two_steps_are_no_course() -> None:
    assert "training: " not in told(replace(RUN, iterations=(0, 1), loss=(1.0, 0.5)))


def test_what_is_not_finite_leaves_a_gap() -> None:
    assert sparkline.sparkline([1.0, math.nan, 3.0]) == "▁ █"
    assert len(sparkline.sparkline(list(range(1000)), 20)) == 20
