"""What all gradients are divided by once too often, or not at all, and where that and a turned sign are shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bpdoctor.model.report import Report
from bpdoctor.pipeline import Options, check_path

NET = """
import numpy as np

rng = np.random.default_rng(3)
X = rng.normal(size=(20, 2))
Y = np.sin(X[:, :1]) + X[:, 1:] ** 2
W, b = rng.normal(size=(2, 5)) * 0.6, np.zeros(5)
V, c = rng.normal(size=(5, 1)) * 0.6, np.zeros(1)
for epoch in range(200):
    h = np.tanh(X @ W + b)
    err = h @ V + c - Y
    {loss}
    {delta}
    gV, gc = h.T @ d, d.sum(0)
    e = d @ V.T * (1 - h ** 2)
    gW, gb = X.T @ e, e.sum(0)
    {update}
print(float(np.abs(err).mean()))
"""
MEAN = "loss = np.mean(0.5 * err ** 2)"
LOG_COSH = "loss = np.log(np.cosh(err)).mean()"
PLAIN = "W -= 0.3 * gW; b -= 0.3 * gb; V -= 0.3 * gV; c -= 0.3 * gc"
WHOLE = "W -= gW; b -= gb; V -= gV; c -= gc"
SHARED = "W -= 0.3 / len(X) * gW; b -= 0.3 / len(X) * gb; V -= 0.3 / len(X) * gV; c -= 0.3 / len(X) * gc"
TOGETHER = "W, b, V, c = [p {sign} 0.3 * g for p, g in zip((W, b, V, c), (gW, gb, gV, gc))]"


def checked(tmp_path: Path, loss: str, delta: str, update: str) -> Report:
    path = tmp_path / "net.py"
    path.write_text(NET.format(loss=loss, delta=delta, update=update))
    return check_path(str(path), Options(fix=False))


def line(report: Report, text: str) -> int:
    program = Path(report.path).read_text().splitlines()
    return 1 + next(i for i, written in enumerate(program) if text in written)


@pytest.mark.parametrize(
    ("loss", "delta", "update"),
    [
        (MEAN, "d = err / len(X) / len(X)", PLAIN),
        (LOG_COSH, "d = np.tanh(err) / len(X) / len(X)", PLAIN),
        (LOG_COSH, "d = np.tanh(err) / len(X)", SHARED),
        (MEAN, "d = err / len(X) / len(X)", WHOLE),
        ("pass", "d = err / len(X) / len(X)", PLAIN),
    ],
)
def test_averaged_twice(tmp_path: Path, loss: str, delta: str, update: str) -> None:
    report = checked(tmp_path, loss, delta, update)
    assert [f.rule for f in report.findings] == ["gradient-scale"]


@pytest.mark.parametrize(
    ("loss", "delta", "update"),
    [
        (MEAN, "d = err / len(X)", PLAIN),
        (LOG_COSH, "d = np.tanh(err) / len(X)", PLAIN),
        (LOG_COSH, "d = np.tanh(err)", SHARED),
        ("loss = 0.5 * np.sum(err ** 2)", "d = err / len(X)", PLAIN),
        ("pass", "d = err", SHARED),
        # A rate that happens to be 1/20 is no averaging.
        (MEAN, "d = err / len(X)", PLAIN.replace("0.3", "0.05")),
        ("pass", "d = err / len(X)", PLAIN.replace("0.3", "0.05")),
    ],
)
def test_averaged_once(tmp_path: Path, loss: str, delta: str, update: str) -> None:
    report = checked(tmp_path, loss, delta, update)
    assert not [f for f in report.findings if f.severity != "note"]


def test_the_gradient_that_has_the_size_of_the_loss_is_right(tmp_path: Path) -> None:
    """Three of four tensors are averaged twice: they are wrong, and the one that the loss agrees with is not."""
    update = "gW, gb, gV = gW / len(X), gb / len(X), gV / len(X); " + PLAIN
    report = checked(tmp_path, MEAN, "d = err / len(X)", update)
    assert {g.parameter: g.status for g in report.gradients} == {"W": "scaled", "b": "scaled", "V": "scaled", "c": "ok"}


@pytest.mark.parametrize(
    ("delta", "update", "shown"),
    [
        ("d = -err / len(X)", TOGETHER.format(sign="-"), "d = -err"),
        ("d = err / len(X)", TOGETHER.format(sign="+"), "W, b, V, c = ["),
    ],
)
def test_a_sign_is_shown_where_it_is_turned(tmp_path: Path, delta: str, update: str, shown: str) -> None:
    report = checked(tmp_path, MEAN, delta, update)
    finding = report.findings[0]
    assert finding.rule == "gradient-ascent"
    assert finding.primary is not None
    assert finding.primary.span.line == line(report, shown)


def test_a_mean_that_is_left_out_is_shown_where_the_error_gets_its_name(tmp_path: Path) -> None:
    report = checked(tmp_path, MEAN, "d = err", PLAIN.replace("0.3", "0.002"))
    finding = report.findings[0]
    assert finding.rule == "gradient-scale"
    assert finding.primary is not None
    assert finding.primary.span.line == line(report, "d = err")


def test_a_file_is_the_same_by_a_short_and_by_its_whole_path(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(NET.format(loss=MEAN, delta="d = -err / len(X)", update=TOGETHER.format(sign="-")))
    whole = check_path(str(path))
    short = check_path(os.path.relpath(path))
    places = [[f.primary and f.primary.span.line for f in r.findings] for r in (whole, short)]
    assert places[0] == places[1]
