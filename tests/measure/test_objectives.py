"""Players that move at once: each gradient is judged under the loss that its parameters descend."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

PLAYERS = """\
import numpy as np

rng = np.random.default_rng(71)
A, a = rng.normal(size=(2, 3)), np.zeros(3)
B, b = 0.5 * rng.normal(size=(3, 6)), np.zeros(6)
C, c = 0.5 * rng.normal(size=(6, 1)), np.zeros(1)

def judge(x):
    h = np.tanh(x @ B + b)
    return h, 1 / (1 + np.exp(-(h @ C + c)))

history = []
for step in range(40):
    real = rng.normal(size=(16, 3)) + 1
    z = rng.normal(size=(16, 2))
    fake = z @ A + a
    hr, pr = judge(real)
    hf, pf = judge(fake)
    d_loss = -np.mean(np.log(pr)) - np.mean(np.log(1 - pf))
    dr, df = {judged}
    gr, gf = dr @ C.T * (1 - hr**2), df @ C.T * (1 - hf**2)
    gB, gb = real.T @ gr + fake.T @ gf, gr.sum(0) + gf.sum(0)
    gC, gc = hr.T @ dr + hf.T @ df, dr.sum(0) + df.sum(0)
    g_loss = -np.mean(np.log(pf))
    e = (pf - 1) / 16
    eh = e @ C.T * (1 - hf**2)
    ex = {back}
    total = d_loss + g_loss
    history.append(total)
    B -= 0.05 * gB
    b -= 0.05 * gb
    C -= 0.05 * gC
    c -= 0.05 * gc
    A -= 0.05 * z.T @ ex
    a -= 0.05 * ex.sum(0)
print(history[-1])
"""
RIGHT = {"judged": "(pr - 1) / 16, pf / 16", "back": "eh @ B.T"}


def test_players_that_move_at_once(tmp_path: Path) -> None:
    path = tmp_path / "players.py"
    path.write_text(PLAYERS.format(**RIGHT), encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert report.verdict == "healthy"
    assert {g.status for g in report.gradients} == {"ok"}
    assert any("several losses" in text for text in report.assumptions)


@pytest.mark.parametrize("wrong", [{"back": "(e @ C.T) @ B.T"}, {"judged": "(pr - 1) / 16, -pf / 16"}])
def test_a_player_that_is_wrong(tmp_path: Path, wrong: dict[str, str]) -> None:
    path = tmp_path / "players.py"
    path.write_text(PLAYERS.format(**RIGHT | wrong), encoding="utf-8")
    assert check_path(str(path), Options(fix=False)).verdict != "healthy"


MEASURED = """\
import numpy as np

rng = np.random.default_rng(73)
X = rng.normal(size=(20, 3))
t = (X[:, :1] > X[:, 1:2]).astype(float)
A, B = rng.normal(size=(3, 5)), rng.normal(size=(5, 1))
for step in range(40):
    h = np.tanh(X @ A)
    p = 1 / (1 + np.exp(-h @ B))
    entropy = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    square = np.mean((p - t) ** 2)
    d = (p - t) / 20
    dh = 2 * d * p * (1 - p) @ B.T * (1 - h**2)
    B -= 0.5 * h.T @ d
    A -= 0.5 * X.T @ dh
    print(entropy, square)
"""


def test_two_measures_of_one_error_are_no_two_aims(tmp_path: Path) -> None:
    path = tmp_path / "measured.py"
    path.write_text(MEASURED, encoding="utf-8")
    assert check_path(str(path), Options(fix=False)).verdict == "sick"


RATE_OF_ONE = """\
import numpy as np

rng = np.random.default_rng(72)
X = rng.normal(size=(10, 3))
t = X[:, :1] - X[:, 1:2] ** 2
A, B = 0.3 * rng.normal(size=(3, 5)), 0.3 * rng.normal(size=(5, 1))
for step in range(40):
    h = np.tanh(X @ A)
    e = h @ B - t
    loss = np.mean(np.log(np.cosh(e)))
    d = {slope} / 10
    dh = d @ B.T * (1 - h**2)
    B -= h.T @ d
    A -= X.T @ dh
    print(step, loss)
"""


def test_an_averaging_is_no_rate(tmp_path: Path) -> None:
    """With a rate of 1 the division by the number of samples belongs to the gradient, and stays in its repair."""
    path = tmp_path / "rate.py"
    path.write_text(RATE_OF_ONE.format(slope="np.tanh(e)"), encoding="utf-8")
    assert check_path(str(path), Options()).verdict == "healthy"
    path.write_text(RATE_OF_ONE.format(slope="np.tanh(e) ** 3"), encoding="utf-8")
    finding = check_path(str(path), Options()).findings[0]
    assert finding.primary is not None
    assert finding.primary.span.line == 11
    assert finding.fix is not None
    assert finding.fix.title == "write `d = np.tanh(e) / 10`"


REVERSED = """\
import numpy as np

rng = np.random.default_rng(74)
X = rng.normal(size=(24, 3))
t = X[:, :1] * X[:, 1:2]
where = (X[:, 2:] > 0) * 1.0
A, a = rng.normal(size=(3, 7)), np.zeros(7)
B, C = 0.5 * rng.normal(size=(7, 1)), 0.5 * rng.normal(size=(7, 1))
aims = []
for step in range(50):
    h = np.tanh(X @ A + a)
    y = h @ B
    q = 1 / (1 + np.exp(-h @ C))
    fit = np.mean((y - t) ** 2)
    told = -np.mean(where * np.log(q) + (1 - where) * np.log(1 - q))
    aims.append({kept})
    dy = 2 * (y - t) / len(X)
    dq = (q - where) / len(X)
    dz = ({shared}) * {slope}
    A -= 0.1 * X.T @ dz
    a -= 0.1 * dz.sum(0)
    B -= 0.1 * h.T @ dy
    C -= 0.1 * h.T @ dq
print(aims[-1])
"""
SHARED = {"kept": "(fit, told)", "shared": "dy @ B.T - 0.5 * dq @ C.T", "slope": "(1 - h**2)"}


def test_a_gradient_that_is_reversed_on_purpose(tmp_path: Path) -> None:
    path = tmp_path / "reversed.py"
    path.write_text(REVERSED.format(**SHARED), encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert report.verdict == "healthy", report.findings
    assert any("one loss is descended and the other climbed" in text for text in report.assumptions)


@pytest.mark.parametrize("wrong", [{"slope": "(1 - h)"}, {"kept": "fit + told"}, {"shared": "dy @ B.T - dq @ B.T"}])
def test_what_is_shared_is_held_to_both_losses(tmp_path: Path, wrong: dict[str, str]) -> None:
    path = tmp_path / "reversed.py"
    path.write_text(REVERSED.format(**SHARED | wrong), encoding="utf-8")
    assert check_path(str(path), Options(fix=False)).verdict != "healthy"


CRITIC = """\
import numpy as np

rng = np.random.default_rng(76)
A, a, B = 0.3 * rng.normal(size=(2, 9)), np.zeros(9), 0.3 * rng.normal(size=(9, 1))
real, fake = rng.normal(1, 1, (30, 2)), rng.normal(-1, 1, (30, 2))
for turn in range(60):
    h, k = np.tanh(real @ A + a), np.tanh(fake @ A + a)
    apart = {distance}
    d = np.full((30, 1), 1 / 30)
    dh, dk = d @ B.T * (1 - h**2), -d @ B.T * (1 - k**2)
    B += 0.02 * (h.T @ d - k.T @ d)
    A += 0.02 * (real.T @ dh + fake.T @ dk)
    a += 0.02 * (dh + dk).sum(0)
    print(apart)
"""


@pytest.mark.parametrize(
    ("distance", "severity"),
    [("np.mean(h @ B) - np.mean(k @ B)", "note"), ("np.mean(h @ B + 9) - np.mean(k @ B)", "error")],
)
def test_a_critic_climbs(tmp_path: Path, distance: str, severity: str) -> None:
    """Of a score without any target nothing tells which way is meant; what is held against one is an error."""
    path = tmp_path / "critic.py"
    path.write_text(CRITIC.format(distance=distance), encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert [(f.rule, f.severity) for f in report.findings] == [("gradient-ascent", severity)]
