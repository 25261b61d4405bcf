"""A loss that the steps do not compute: taken for the one that fits, or for none; never for one that does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.model.report import Report
from bpdoctor.pipeline import Options, check_path

OUTPUTS = """\
import numpy as np

rng = np.random.default_rng(41)
X = rng.uniform(-1.5, 1.5, size=(70, 2))
t = np.cos(2 * X[:, :1]) + 0.2 * X[:, 1:] * rng.normal(size=(70, 1))
k = (X[:, 1:] > X[:, :1] ** 2) * 1.0
U, u = rng.normal(size=(2, 9)), 0.1 * rng.normal(size=9)
P, p = 0.4 * rng.normal(size=(9, 1)), np.zeros(1)
Q, q = 0.4 * rng.normal(size=(9, 1)), np.zeros(1)
for epoch in range(80):
    h = np.tanh(X @ U + u)
    a = h @ P + p
    b = h @ Q + q
    {pull}
    dh = (da @ P.T + db @ Q.T) * {slope} / 70
    P -= 0.05 * h.T @ da / 70
    p -= 0.05 * da.mean(axis=0)
    Q -= 0.05 * h.T @ db / 70
    q -= 0.05 * db.mean(axis=0)
    U -= 0.05 * X.T @ dh
    u -= 0.05 * dh.sum(axis=0)
print(np.abs(a - t).mean())
"""
SLOPE = "(1 - h * h)"
WEIGHED_HEADS = "s = 1 / (1 + np.exp(-b)); da = a - t; db = 0.4 * (s - k)"
SPREAD = [
    "s = np.exp(b); da = (a - t) / s; db = 0.5 - 0.5 * (a - t) ** 2 / s",
    "s = np.exp(-b); da = np.sign(a - t) * s; db = 1 - np.abs(a - t) * s",
    "s = np.log1p(np.exp(b)); r = (a - t) / s; da = r / s; db = (1 - r * r) / s / (1 + np.exp(-b))",
]

COUNTS = """\
import numpy as np

rng = np.random.default_rng(42)
X = rng.normal(size=(60, 3))
n = rng.poisson(np.exp(0.6 * X[:, :1])) {lift}
A, a = 0.5 * rng.normal(size=(3, 6)), np.zeros(6)
B, b = 0.3 * rng.normal(size=(6, 1)), np.zeros(1)
for epoch in range(60):
    h = np.tanh(X @ A + a)
    z = h @ B + b
    {pull}
    dh = d @ B.T * {slope}
    B -= 0.03 * h.T @ d / 60
    b -= 0.03 * d.sum(axis=0) / 60
    A -= 0.03 * X.T @ dh / 60
    a -= 0.03 * dh.sum(axis=0) / 60
print(m[:3])
"""
LIKELIHOODS = [
    "m = np.exp(z); d = m - n",
    "m = np.log1p(np.exp(z)); d = (1 - n / m) / (1 + np.exp(-z))",
    "m = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))); d = (m - n) / m * (1 - np.exp(-m))",
    "m = np.exp(z); d = 1 - n / m",
    "m = 1.5 * np.exp(z); d = m - n",
]

BEFORE = """\
import numpy as np

rng = np.random.default_rng(43)
x = rng.normal(size=(50, 2))
t = x[:, :1] * x[:, 1:]


def outputs(w, x):
    A, a, B, b = w
    h = np.tanh(x @ A + a)
    return h, h @ B + b


def lost(w, x, t):
    r = outputs(w, x)[1] - t
    return float(np.mean(np.where(r > 0, 0.3 * r + 0.1 * r**2, -0.7 * r)))


def slopes(w, x, t):
    A, a, B, b = w
    h, y = outputs(w, x)
    d = np.where(y > t, 0.3 + 0.2 * (y - t), -0.7) / len(t)
    e = d @ B.T * {slope}
    return [x.T @ e, e.sum(axis=0), h.T @ d, d.sum(axis=0)]


w = [rng.normal(size=(2, 5)), np.zeros(5), rng.normal(size=(5, 1)), np.zeros(1)]
print("before", lost(w, x, t))
for epoch in range(100):
    w = [v - 0.1 * g for v, g in zip(w, slopes(w, x, t))]
print("after", lost(w, x, t))
"""

MARGINS = """\
import numpy as np


def margins(W, X, y, decay):
    dW = np.zeros(W.shape)
    loss = 0.0
    for x, own in zip(X, y):
        scores = x.dot(W)
        count = 0
        for j in range(W.shape[1]):
            over = scores[j] - scores[own] + 1
            if j != own and over > 0:
                loss += over
                dW[:, j] += x
                count {counted} 1
        dW[:, own] -= count * x
    loss /= len(y)
    dW /= len(y)
    loss += decay * np.sum(W * W)
    dW {sign}= 2 * decay * W
    return loss, dW


rng = np.random.default_rng(44)
y = rng.integers(0, 4, 30)
X = rng.normal(size=(4, 5))[y] + 0.8 * rng.normal(size=(30, 5))
W = 0.1 * rng.normal(size=(5, 4))
for it in range(40):
    loss, dW = margins(W, X, y, 0.02)
    W -= 0.1 * dW
    print(it, loss)
"""


MEASURED = """\
import numpy as np

rng = np.random.default_rng(45)
x = rng.normal(size=(64, 2))
y = {target}
A, a = rng.normal(size=(2, 7)), np.zeros(7)
B, b = 0.5 * rng.normal(size=(7, {wide})), np.zeros({wide})


def outputs(x):
    h = np.tanh(x @ A + a)
    return h, h @ B + b


print("at first", np.mean((outputs(x)[1] - y) ** 2))
for epoch in range(60):
    h, z = outputs(x)
    {pull}
    e = d @ B.T * (1 - h * h)
    B -= 0.01 * h.T @ d
    b -= 0.01 * d.sum(axis=0)
    A -= 0.01 * x.T @ e
    a -= 0.01 * e.sum(axis=0)
    {now_and_then}
"""
SIGNS, UNIT = "np.where(x[:, :1] > x[:, 1:], 1.0, -1.0)", "np.eye(3)[rng.integers(0, 3, 64)]"
COSINE = """\
size = np.sqrt((z * z).sum(axis=1, keepdims=True)); d = ((z * y).sum(axis=1, keepdims=True) * z / size**2 - y) / size"""


def checked(program: str, folder: Path, *, fix: bool = False) -> Report:
    path = folder / "program.py"
    path.write_text(program, encoding="utf-8")
    return check_path(str(path), Options(fix=fix))


def lines(report: Report) -> list[str]:
    """The lines with an error."""
    text = (Path(report.path)).read_text(encoding="utf-8").splitlines()
    return [text[f.primary.span.line - 1] for f in report.findings if f.severity == "error" and f.primary is not None]


def test_several_outputs_have_losses_of_their_own(tmp_path: Path) -> None:
    report = checked(OUTPUTS.format(pull=WEIGHED_HEADS, slope=SLOPE), tmp_path)
    assert report.verdict == "healthy", (report.reason, report.findings)


@pytest.mark.parametrize("slope", [SLOPE, "(1 - h)"])
@pytest.mark.parametrize("pull", SPREAD)
def test_what_belongs_to_no_known_loss_is_no_error(pull: str, slope: str, tmp_path: Path) -> None:
    report = checked(OUTPUTS.format(pull=pull, slope=slope), tmp_path)
    assert report.verdict == "inconclusive" and not report.findings, report.findings
    assert "no loss is computed" in report.reason


@pytest.mark.parametrize("pull", LIKELIHOODS)
def test_rates_have_likelihoods(pull: str, tmp_path: Path) -> None:
    report = checked(COUNTS.format(pull=pull, slope=SLOPE, lift="+ 0.5"), tmp_path)
    assert report.verdict == "healthy", (report.reason, report.findings)


@pytest.mark.parametrize("pull", LIKELIHOODS)
def test_a_layer_behind_a_likelihood_is_still_checked(pull: str, tmp_path: Path) -> None:
    report = checked(COUNTS.format(pull=pull, slope="(1 - h)", lift="+ 0.5"), tmp_path)
    assert report.verdict == "sick" and all("dh =" in line for line in lines(report)), report.findings


def test_a_probability_is_no_rate(tmp_path: Path) -> None:
    pull = "m = 1 / (1 + np.exp(-z)); d = (m - n) / m * m * (1 - m)"
    report = checked(COUNTS.format(pull=pull, slope=SLOPE, lift="> 1"), tmp_path)
    assert report.verdict == "sick", report.reason


def test_a_loss_may_be_evaluated_before_the_steps_alone(tmp_path: Path) -> None:
    report = checked(BEFORE.format(slope=SLOPE), tmp_path)
    assert report.verdict == "healthy", (report.reason, report.findings)
    assert report.subject.loss is not None and not report.subject.loss.inferred


def test_it_shows_what_is_wrong_too(tmp_path: Path) -> None:
    report = checked(BEFORE.format(slope="(1 - h)"), tmp_path)
    assert [line.split()[0] for line in lines(report)] == ["e"], (report.reason, report.findings)


def test_a_penalty_in_a_gradient_is_no_output(tmp_path: Path) -> None:
    assert checked(MARGINS.format(counted="+=", sign="+"), tmp_path).verdict == "healthy"
    report = checked(MARGINS.format(counted="+=", sign="-"), tmp_path)
    assert [f.rule for f in report.findings] == ["regularisation-gradient-sign"]


def test_a_fix_does_not_leave_the_loss_for_its_penalty(tmp_path: Path) -> None:
    report = checked(MARGINS.format(counted="=", sign="+"), tmp_path, fix=True)
    assert [f.rule for f in report.findings] == ["wrong-gradient"]
    edits = [e.replacement for f in report.findings if f.fix is not None for e in f.fix.edits]
    assert not any("decay" in text for text in edits), edits


@pytest.mark.parametrize(
    "now_and_then", ["", "if epoch % 20 == 0: print(np.sqrt(np.mean((outputs(x[:9])[1] - y[:9]) ** 2)))"]
)
@pytest.mark.parametrize(
    ("target", "wide", "pull"),
    [(SIGNS, 1, "d = -y * np.exp(-y * z)"), (SIGNS, 1, "d = -y / (1 + np.exp(y * z))"), (UNIT, 3, COSINE)],
)
def test_what_is_measured_before_the_steps_is_not_what_they_descend(
    target: str, wide: int, pull: str, now_and_then: str, tmp_path: Path
) -> None:
    program = MEASURED.format(target=target, wide=wide, pull=pull, now_and_then=now_and_then)
    report = checked(program, tmp_path)
    assert report.verdict == "inconclusive" and not report.findings, report.findings
