"""Steps with a velocity, clipped, averaged in the update, in single precision, at rest: right ones and slips."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.model.report import Finding, Report
from bpdoctor.pipeline import Options, check_path

NET = """
import numpy as np

rng = np.random.default_rng(8)
X = rng.normal(size=(24, 3))
Y = X[:, :1] * X[:, 1:2] + 0.3
W, b = rng.normal(size=(3, 6)) * 0.5, np.zeros((1, 6))
V, c = rng.normal(size=(6, 1)) * 0.5, np.zeros((1, 1))
params = [W, b, V, c]
kept = [np.zeros_like(p) for p in params]


def gradients(W, b, V, c):
    h = np.tanh(X @ W + b)
    r = h @ V + c - Y
    d = r / len(X)
    e = d @ V.T * (1 - h * h)
    return 0.5 * np.mean(r ** 2), [X.T @ e, e.sum(0, keepdims=True), h.T @ d, d.sum(0, keepdims=True)]


for t in range(120):
    loss, found = gradients(*params)
    for i, g in enumerate(found):
        kept[i] = 0.8 * kept[i] - 0.1 * g
        params[i] = params[i] + kept[i]
print(loss)
"""
AHEAD = ("gradients(*params)", "gradients(*[p + 0.8 * v for p, v in zip(params, kept)])")
CLIPPED = ("    for i, g in", "    size = np.sqrt(sum(np.sum(g * g) for g in found))\n"
           "    found = [g * (0.3 / size) for g in found]\n    for i, g in")  # fmt: skip
SELDOM = (
    "    return 0.5 * np.mean(r ** 2), [",
    "    if t % 40 == 0:\n        print(0.5 * np.mean(r ** 2))\n    return 0, [",
)
PLAIN = ("        kept[i] = 0.8 * kept[i] - 0.1 * g\n        params[i] = params[i] + kept[i]",
         "        params[i] = params[i] - 0.1 * g")  # fmt: skip
ONE_BY_ONE = """
import numpy as np

rng = np.random.default_rng(2)
data = [(rng.normal(size=3), rng.normal(size=2)) for _ in range(7)]
W, b = rng.normal(size=(4, 3)) * 0.5, np.zeros(4)
V, c = rng.normal(size=(2, 4)) * 0.5, np.zeros(2)
for epoch in range(60):
    gW, gb, gV, gc = (np.zeros_like(p) for p in (W, b, V, c))
    total = 0.0
    for x, y in data:
        h = np.tanh(W @ x + b)
        d = V @ h + c - y
        total += 0.5 * (d @ d)
        e = V.T @ d * (1 - h * h)
        gW += np.outer(e, x)
        gb += e
        gV += np.outer(d, h)
        gc += d
    W -= 0.2 / len(data) * gW
    b -= 0.2 / len(data) * gb
    V -= 0.2 / len(data) * gV
    c -= 0.2 / len(data) * gc
print(total)
"""
AT_REST = """
import numpy as np

rng = np.random.default_rng(6)
X = rng.normal(size=(16, 2))
Y = rng.normal(size=(16, 1))
W, V, c = {weights}, {out}, np.full((1, 1), Y.mean())
for step in range(80):
    h = np.maximum(X @ W, 0)
    r = h @ V + c - Y
    loss = np.mean(r ** 2)
    d = 2 * r / len(X)
    gV, gc = h.T @ d, d.sum(0, keepdims=True)
    gW = X.T @ (d @ V.T * (h > 0))
    W, V, c = W - 0.1 * gW, V - 0.1 * gV, c - 0.1 * gc
print(loss)
"""
COLUMNS = """
import numpy as np

rng = np.random.default_rng(5)
X = rng.normal(size=(3, 14))
Y = X[:1] * X[1:2]
W, b = rng.normal(size=(4, 3)) * 0.5, 0.0
V = rng.normal(size=(1, 4)) * 0.5
for step in range(60):
    h = np.tanh(W @ X + b)
    r = V @ h - Y
    loss = 0.5 * np.sum(r ** 2) / 14
    d = V.T @ (r / 14) * (1 - h ** 2)
    gW, gb, gV = d @ X.T, d.sum(1, keepdims=True), r / 14 @ h.T
    W = W - 0.2 * gW
    b = b - 0.2 * gb
    V = V - 0.2 * gV
print(loss)
"""
SINGLE = """
import numpy as np

rng = np.random.default_rng(4)
X = rng.normal(size=(30, 4)).astype(np.float32)
Y = (X[:, :1] > X[:, 1:2]).astype(np.float32)
W, V = {weights}
c = np.zeros((1, 1), np.float32)
for step in range(120):
    h = np.tanh(X @ W)
    p = 1 / (1 + np.exp(-(h @ V + c)))
    loss = -(Y * np.log(p) + (1 - Y) * np.log(1 - p)).mean()
    d = (p - Y) / np.float32(len(X))
    gV, gc, gW = h.T @ d, d.sum(0, keepdims=True), X.T @ (d @ V.T * (1 - h * h))
    W -= np.float32(0.4) * gW
    V -= np.float32(0.4) * gV
    c -= np.float32(0.4) * gc
print(loss)
"""
DRAWN = "(rng.normal(size=s).astype(np.float32) for s in ((4, 6), (6, 1)))"
FILLED = "np.full((4, 6), 0.3, np.float32), np.full((6, 1), 0.3, np.float32)"


def checked(tmp_path: Path, text: str, *changes: tuple[str, str]) -> Report:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "net.py"
    path.write_text(text)
    return check_path(str(path), Options(fix=False))


def told(report: Report) -> list[tuple[str, str]]:
    """What the report accuses, each by its name and the text of its line."""
    program = Path(report.path).read_text().splitlines()

    def text(finding: Finding) -> str:
        return "" if finding.primary is None else program[finding.primary.span.line - 1].strip()

    return [(f.rule, text(f)) for f in report.findings if f.severity != "note"]


@pytest.mark.parametrize(
    "changes",
    [(), (AHEAD,), (CLIPPED,), (AHEAD, CLIPPED), (PLAIN, SELDOM), (PLAIN, CLIPPED)],
    ids=["velocity", "ahead", "clipped", "ahead clipped", "seldom", "plain clipped"],
)
def test_right_steps(tmp_path: Path, changes: tuple[tuple[str, str], ...]) -> None:
    report = checked(tmp_path, NET, *changes)
    assert told(report) == []
    assert report.verdict == "healthy", report.reason


@pytest.mark.parametrize("form", [(), (AHEAD,)], ids=["velocity", "ahead"])
@pytest.mark.parametrize(
    ("right", "wrong", "line"),
    [
        ("0.8 * kept[i] - 0.1 * g", "0.8 * kept[i] + 0.1 * g", "kept[i] = 0.8 * kept[i] + 0.1 * g"),
        ("params[i] + kept[i]", "params[i] - kept[i]", "params[i] = params[i] - kept[i]"),
        ("@ V + c - Y\n", "@ V + c - Y\n    r = -r\n", "r = -r"),
    ],
    ids=["into the velocity", "out of it", "the error"],
)
def test_a_sign_behind_a_velocity(
    tmp_path: Path, form: tuple[tuple[str, str], ...], right: str, wrong: str, line: str
) -> None:
    assert ("gradient-ascent", line) in told(checked(tmp_path, NET, *form, (right, wrong)))


@pytest.mark.parametrize("summed", ["d.sum()", "e.sum()"])
def test_one_number_for_a_bias_is_clipped(tmp_path: Path, summed: str) -> None:
    of = summed[0]
    changes = [("size=(6, 1)", "size=(6, 2)"), ("np.zeros((1, 1))", "np.zeros((1, 2))"), ("X[:, 1:2]", "X[:, 1:]")]
    report = checked(tmp_path, NET, PLAIN, CLIPPED, *changes, (f"{of}.sum(0, keepdims=True)", summed))
    assert [rule for rule, _ in told(report)] == ["bias-gradient-axis"]
    assert summed in told(report)[0][1]


def test_a_mean_for_a_bias_is_clipped(tmp_path: Path) -> None:
    report = checked(tmp_path, NET, PLAIN, CLIPPED, ("e.sum(0, keepdims=True)", "e.mean(0, keepdims=True)"))
    assert [rule for rule, _ in told(report)] == ["bias-gradient-scale"]
    assert "e.mean" in told(report)[0][1]


def test_a_bias_grows_behind_its_velocity(tmp_path: Path) -> None:
    report = checked(tmp_path, NET, AHEAD, ("d.sum(0, keepdims=True)", "d.sum(1, keepdims=True)"))
    assert [rule for rule, _ in told(report)] == ["bias-gradient-axis"]
    assert "d.sum(1" in told(report)[0][1]


def test_a_bias_may_grow_to_one_number_for_each_unit(tmp_path: Path) -> None:
    report = checked(tmp_path, NET, PLAIN, ("np.zeros((1, 6))", "np.zeros((1, 1))"))
    assert told(report) == []


def test_a_loss_that_is_printed_now_and_then_is_the_loss(tmp_path: Path) -> None:
    report = checked(tmp_path, NET, PLAIN, SELDOM)
    loss = report.subject.loss
    assert loss is not None
    assert (loss.inferred, loss.form, loss.name) == (False, "computed now and then", "0.5 * np.mean(r ** 2)")
    report = checked(tmp_path, NET, PLAIN, SELDOM, ("d = r / len(X)", "d = r"), ("0.1 * g", "0.005 * g"))
    assert told(report) == [("gradient-scale", "d = r")]


def test_an_averaging_that_one_update_lacks(tmp_path: Path) -> None:
    assert told(checked(tmp_path, ONE_BY_ONE)) == []
    # Twice the rate for one of them is a choice.
    assert told(checked(tmp_path, ONE_BY_ONE, ("0.2 / len(data) * gb", "0.4 / len(data) * gb"))) == []
    report = checked(tmp_path, ONE_BY_ONE, ("0.2 / len(data) * gb", "0.2 * gb"))
    assert told(report) == [("bias-gradient-scale", "b -= 0.2 * gb")]


def test_a_bias_at_rest_is_not_wrong(tmp_path: Path) -> None:
    zeros = AT_REST.format(weights="np.zeros((2, 5))", out="np.zeros((5, 1))")
    assert {rule for rule, _ in told(checked(tmp_path, zeros))} <= {"symmetric-initialisation", "plateau", "dead-relu"}
    drawn = AT_REST.format(weights="rng.normal(size=(2, 5))", out="np.zeros((5, 1))")
    assert told(checked(tmp_path, drawn)) == []
    report = checked(tmp_path, drawn, ("gV, gc = h.T @ d", "gV, gc = h.T @ r"))
    assert "error" in {f.severity for f in report.findings}


def test_a_bias_at_rest_in_single_precision(tmp_path: Path) -> None:
    text = AT_REST.format(weights="rng.normal(size=(2, 5)).astype(f)", out="np.zeros((5, 1), f)")
    changes = [
        ("Y = rng.normal(size=(16, 1))", "Y = rng.normal(size=(16, 1)).astype(np.float32)"),
        ("X = rng.normal(size=(16, 2))", "f = np.float32\nX = rng.normal(size=(16, 2)).astype(f)"),
        ("W - 0.1 * gW, V - 0.1 * gV, c - 0.1 * gc", "W - f(0.1) * gW, V - f(0.1) * gV, c - f(0.1) * gc"),
        ("2 * r / len(X)", "2 * r / f(len(X))"),
    ]
    assert told(checked(tmp_path, text, *changes)) == []


def test_a_number_grows_along_the_samples_of_columns(tmp_path: Path) -> None:
    report = checked(tmp_path, COLUMNS)
    assert told(report) == []
    report = checked(tmp_path, COLUMNS, ("d.sum(1, keepdims=True)", "d"))
    assert [rule for rule, _ in told(report)] == ["bias-gradient-axis"]


def test_single_precision(tmp_path: Path) -> None:
    report = checked(tmp_path, SINGLE.format(weights=DRAWN))
    assert told(report) == []
    assert any("agrees with 2 directional derivatives" in a for a in report.assumptions), report.assumptions
    assert "symmetric-initialisation" in {rule for rule, _ in told(checked(tmp_path, SINGLE.format(weights=FILLED)))}
