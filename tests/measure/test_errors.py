"""A loss of which only the derivative is written is taken as it stands; what is wrong behind it is still found."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.model.report import Report
from bpdoctor.pipeline import Options, check_path

NETWORK = """\
import numpy as np

rng = np.random.default_rng(14)
X = rng.normal(size=(40, 3))
t = np.sin(X[:, :1]) - 0.6 * X[:, 1:2] * X[:, 2:] + {lift}
count = rng.uniform(0.2, 2.0, size=(40, 1))
W1, b1 = rng.normal(size=(3, 7)), 0.1 * rng.normal(size=7)
W2, b2 = rng.normal(size=(7, 1)), np.zeros(1)


def forward(x):
    h = np.tanh(x @ W1 + b1)
    return h, h @ W2 + b2


for epoch in range(50):
    rows = rng.permutation(40)[:30]
    h, y = forward(X[rows])
    r = y - t[rows]
    {seen}
    d = {pull} / 30
    dh = d @ W2.T * {slope}
    W2 -= 0.1 * h.T @ d
    b2 -= 0.1 * d.sum(axis=0)
    W1 -= 0.1 * X[rows].T @ dh
    b1 -= 0.1 * dh.sum(axis=0)
print(np.abs(forward(X)[1] - t).mean())
"""
PLAIN = {"lift": "0", "seen": "", "slope": "(1 - h**2)"}
OF_THE_ERROR = [
    "np.clip(r, -0.5, 0.5)",
    "np.tanh(r)",
    "np.where(np.abs(r) < 0.4, r, 0.4 * np.sign(r))",
    "r / np.sqrt(1 + r**2)",
    "np.where(np.abs(r) > 0.2, np.sign(r), 0)",
    "count[rows] * r",
    "np.sign(r) * np.abs(r) ** 0.7",
]
ONE_BY_ONE = """\
import random
from math import tanh

random.seed(9)
w = [random.uniform(-1, 1) for _ in range(4)]
v = [random.uniform(-1, 1) for _ in range(3)]
data = [(k / 5, abs(k) / 4) for k in range(-6, 7)]
for epoch in range(30):
    for x, t in data:
        h = [tanh(w[0] * x + w[1]), tanh(w[2] * x + w[3])]
        y = v[0] * h[0] + v[1] * h[1] + v[2]
        d = 0.05 * max(-0.3, min(0.3, y - t))
        g = [d * v[j] * SLOPE for j in range(2)]
        v = [v[0] - d * h[0], v[1] - d * h[1], v[2] - d]
        w = [w[0] - g[0] * x, w[1] - g[0], w[2] - g[1] * x, w[3] - g[1]]
print(w, v)
"""

FOLDS = """\
import numpy as np

rng = np.random.default_rng(6)
X = rng.uniform(-2, 2, size=(48, 2))
t = np.abs(X[:, 0]) - X[:, 1]


def fresh(units):
    return [rng.normal(size=(2, units)), np.zeros(units), rng.normal(size=(units, 1)) / 2, np.zeros(1)]


def forward(net, x):
    A, a, B, b = net
    h = np.log1p(np.exp(x @ A + a))
    return h, (h @ B + b)[:, 0]


def slopes(net, x, t):
    A, a, B, b = net
    h, y = forward(net, x)
    d = np.clip(y - t, -0.8, 0.8)[:, None] / len(t)
    dh = d @ B.T * (1 - np.exp(-h))
    return [x.T @ dh, dh.sum(0), h.T @ d, d.sum(0)]


def run(folds):
    kept = []
    for part in np.array_split(rng.permutation(48), folds):
        rest = np.setdiff1d(np.arange(48), part)
        net = fresh(6)
        for epoch in range(60):
            for p, g in zip(net, slopes(net, X[rest], t[rest])):
                p -= 0.05 * g
        kept.append(np.abs(forward(net, X[part])[1] - t[part]).mean())
    return kept


print(run(3))
"""


def checked(program: str, folder: Path) -> Report:
    path = folder / "program.py"
    path.write_text(program, encoding="utf-8")
    return check_path(str(path), Options(fix=False))


@pytest.mark.parametrize("lift", ["0", "9"])
@pytest.mark.parametrize("pull", OF_THE_ERROR)
def test_the_loss_is_whatever_has_this_derivative(pull: str, lift: str, tmp_path: Path) -> None:
    report = checked(NETWORK.format(**{**PLAIN, "pull": pull, "lift": lift}), tmp_path)
    assert report.verdict == "healthy", (report.reason, report.findings)


@pytest.mark.parametrize(
    ("seen", "pull"),
    [
        ("d = r.copy(); d[r > 0.4] = 0.4; d[r < -0.4] = -0.4", "d"),
        ("e = -r", "np.where(e > 0, -0.3, 0.7)"),
        ("rest = np.zeros((30, 2)); rest[:, 0] = np.clip(r[:, 0], -1, 1)", "rest[:, :1]"),
    ],
)
def test_it_may_be_put_together(seen: str, pull: str, tmp_path: Path) -> None:
    report = checked(NETWORK.format(**{**PLAIN, "seen": seen, "pull": pull}), tmp_path)
    assert report.verdict == "healthy", (report.reason, report.findings)


@pytest.mark.parametrize("pull", OF_THE_ERROR)
def test_a_layer_behind_it_is_still_checked(pull: str, tmp_path: Path) -> None:
    report = checked(NETWORK.format(**{**PLAIN, "pull": pull, "slope": "(1 - h)"}), tmp_path)
    found = [(f.rule, f.primary.span.line if f.primary else 0) for f in report.findings if f.severity == "error"]
    assert [rule for rule, _ in found] == ["wrong-activation-derivative"], found
    assert found[0][1] == 22


@pytest.mark.parametrize("lift", ["0", "9"])
@pytest.mark.parametrize("pull", ["np.abs(r)", "r**2", "(r + 0.3)", "(r - np.mean(r))", "r * t[rows]"])
def test_what_pulls_away_from_the_target_is_no_derivative_of_a_loss(pull: str, lift: str, tmp_path: Path) -> None:
    report = checked(NETWORK.format(**{**PLAIN, "pull": pull, "lift": lift}), tmp_path)
    assert report.verdict != "healthy"


@pytest.mark.parametrize(
    ("seen", "pull"),
    [
        ("loss = np.mean(r**2)", "np.tanh(r)"),
        ("loss = np.mean(np.where(np.abs(r) < 1, r**2 / 2, np.abs(r) - 0.5))", "np.clip(r, -0.3, 0.3)"),
        ("print(np.mean(np.log(np.cosh(r))))", "np.sign(r)"),
    ],
)
def test_a_computed_loss_is_what_is_meant(seen: str, pull: str, tmp_path: Path) -> None:
    report = checked(NETWORK.format(**{**PLAIN, "seen": seen, "pull": pull}), tmp_path)
    assert report.verdict == "sick", report.reason


@pytest.mark.parametrize(("slope", "verdict"), [("(1 - h[j] ** 2)", "healthy"), ("(1 - h[j])", "inconclusive")])
def test_single_numbers(slope: str, verdict: str, tmp_path: Path) -> None:
    """A number that was held at a bound leaves no trace of the error: little is known then."""
    assert checked(ONE_BY_ONE.replace("SLOPE", slope), tmp_path).verdict == verdict


def test_a_network_made_anew_for_other_samples(tmp_path: Path) -> None:
    """Evaluated after its training and not read again, it is no running value."""
    assert checked(FOLDS, tmp_path).verdict == "healthy"
