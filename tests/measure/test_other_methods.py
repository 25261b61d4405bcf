"""Methods that move parameters by more than a gradient, or by another thing: right ones are not accused.

Each program has a sick twin where a mistake beside the method can be told.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.model.report import Report
from bpdoctor.pipeline import Options, check_path


def check(tmp_path: Path, text: str) -> Report:
    path = tmp_path / "method.py"
    path.write_text(text, encoding="utf-8")
    return check_path(str(path), Options(fix=False))


def errors(report: Report) -> list[str]:
    return [f.rule for f in report.findings if f.severity == "error"]


ADAPTED = """\
import numpy as np

rng = np.random.default_rng(5)
A, a = rng.normal(size=(2, 7)), np.zeros(7)
B = 0.4 * rng.normal(size=(7, 1))
for task in range(40):
    shift = rng.uniform(-1, 1)
    x = rng.normal(size=(12, 2))
    y = np.sin(x[:, :1] + shift)
    mine = [A.copy(), a.copy(), B.copy()]
    for inner in range(4):
        h = np.tanh(x @ mine[0] + mine[1])
        e = h @ mine[2] - y
        loss = np.mean(e**2)
        d = 2 * e / len(x)
        back = d @ mine[2].T * (1 - h**2)
        for p, g in zip(mine, (x.T @ back, back.sum(0), h.T @ d)):
            p -= 0.05 * g
    for p, q in zip((A, a, B), mine):
        p += 0.3 * (q - p)
    print(loss)
"""


def test_copies_that_are_trained_are_the_network(tmp_path: Path) -> None:
    report = check(tmp_path, ADAPTED)
    assert report.verdict == "healthy" and {g.status for g in report.gradients} == {"ok"}
    assert errors(check(tmp_path, ADAPTED.replace("(1 - h**2)", "(1 - h)")))


MOVED = """\
import numpy as np

rng = np.random.default_rng(6)
theta = [rng.normal(size=(2, 6)), np.zeros(6), 0.4 * rng.normal(size=(6, 1))]


def gradients(p, x, y):
    h = np.tanh(x @ p[0] + p[1])
    e = h @ p[2] - y
    d = 2 * e / len(x)
    back = d @ p[2].T * (1 - h * h)
    return np.mean(e**2), [x.T @ back, back.sum(0), h.T @ d]


for task in range(40):
    shift = rng.uniform(-1, 1)
    x, query = rng.normal(size=(10, 2)), rng.normal(size=(10, 2))
    near = [p.copy() for p in theta]
    for inner in range(2):
        _, g = gradients(near, x, np.sin(x[:, :1] + shift))
        near = [p - 0.05 * q for p, q in zip(near, g)]
    loss, g = gradients(near, query, np.sin(query[:, :1] + shift))
    theta = [p - 0.1 * q for p, q in zip(theta, g)]
    print(loss)
"""


def test_moves_of_all_parameters_count_as_given(tmp_path: Path) -> None:
    report = check(tmp_path, MOVED)
    assert report.verdict == "healthy" and any("counts as given" in text for text in report.assumptions)


SOLVED = """\
import numpy as np

rng = np.random.default_rng(7)
x = rng.uniform(-2, 2, (50, 1))
y = np.sin(2 * x)
A, a = rng.normal(size=(1, 6)), rng.normal(size=6)
for round_ in range(60):
    h = np.tanh(x @ A + a)
    out = {solved}
    e = h @ out - y
    loss = np.mean(e**2)
    d = 2 * e / len(x) @ out.T * (1 - h**2)
    A -= 0.05 * x.T @ d
    a -= 0.05 * d.sum(0)
"""


@pytest.mark.parametrize(
    "solved",
    [
        "np.linalg.solve(h.T @ h + 1e-6 * np.eye(6), h.T @ y)",
        "np.linalg.inv(h.T @ h + 1e-6 * np.eye(6)) @ h.T @ y",
        "np.linalg.pinv(h) @ y",
    ],
)
def test_a_layer_in_closed_form_counts_as_given(tmp_path: Path, solved: str) -> None:
    text = SOLVED.format(solved=solved)
    assert check(tmp_path, text).verdict == "healthy"
    assert check(tmp_path, text.replace("(1 - h**2)", "(1 - h)")).verdict != "healthy"


FEEDBACK = """\
import numpy as np

rng = np.random.default_rng(8)
x = rng.normal(size=(60, 4))
y = np.tanh(x @ rng.normal(size=(4, 2)))
A, B = 0.4 * rng.normal(size=(4, 9)), 0.4 * rng.normal(size=(9, 2))
fixed = {fixed}
for step in range(60):
    h = np.tanh(x @ A)
    e = h @ B - y
    loss = 0.5 * np.mean(np.sum(e**2, axis=1))
    gB = h.T @ e / len(x)
    gA = x.T @ (e @ fixed * (1 - h**2)) / len(x)
    A -= 0.3 * gA
    B -= 0.3 * gB
"""


def test_feedback_by_a_matrix_of_its_own_is_a_note(tmp_path: Path) -> None:
    report = check(tmp_path, FEEDBACK.format(fixed="0.4 * rng.normal(size=(2, 9))"))
    assert not errors(report) and any("fixed matrix" in f.message for f in report.findings)
    assert {g.parameter: g.status for g in report.gradients} == {"A": "not-examined", "B": "ok"}


def test_stale_weights_are_no_matrix_of_their_own(tmp_path: Path) -> None:
    assert errors(check(tmp_path, FEEDBACK.format(fixed="B.T.copy()")))


def test_an_error_made_by_jumps_alone_is_no_feedback_matrix(tmp_path: Path) -> None:
    text = """\
import numpy as np

rng = np.random.default_rng(9)
x = rng.normal(size=(40, 4))
y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)
A, B = 0.4 * rng.normal(size=(4, 9)), 0.4 * rng.normal(size=(9, 3))
rows = np.arange(40)
for step in range(60):
    h = np.tanh(x @ A)
    s = h @ B
    slack = np.maximum(0, s - s[rows, y][:, None] + 1)
    slack[rows, y] = 0
    loss = np.sum(slack) / 40
    d = (slack > 0) * 1.0
    d[rows, y] -= 1
    d /= 40
    gB = h.T @ d
    gA = x.T @ (d @ B.T * (1 - h**2))
    A -= 0.1 * gA
    B -= 0.1 * gB
"""
    assert errors(check(tmp_path, text)) and "fixed matrix" not in str(check(tmp_path, text).findings)


SURGERY = """\
import numpy as np

rng = np.random.default_rng(10)
x = rng.normal(size=(50, 3))
aims = x[:, :1] * x[:, 1:2], 0.5 * x[:, 2:] - x[:, :1]
w = 0.5 * rng.normal(size=36)


def task(w, which):
    A, B, C = w[:24].reshape(3, 8), w[24:32].reshape(8, 1), w[32:]
    head = B if which else B + C.sum()
    h = np.tanh(x @ A)
    e = h @ head - aims[which]
    d = 2 * e / len(x)
    gA, gB = x.T @ (d @ head.T * (1 - h**2)), h.T @ d
    gC = np.zeros(4) if which else np.full(4, gB.sum())
    return np.mean(e**2), np.concatenate([gA.ravel(), gB.ravel(), gC])


for step in range(80):
    first, g = task(w, 0)
    second, k = task(w, 1)
    if g @ k < 0:
        g, k = g - g @ k / (k @ k) * k, k - g @ k / (g @ g) * g
    w -= 0.05 * (g + k)
    print(first, second)
"""


def test_steps_by_inner_products_of_right_gradients_are_not_accused(tmp_path: Path) -> None:
    report = check(tmp_path, SURGERY)
    assert not errors(report)


BOOSTED = """\
import numpy as np

rng = np.random.default_rng(11)
x = rng.uniform(-2, 2, (90, 2))
y = x[:, 0] * x[:, 1]
out = np.zeros(90)
for round_ in range(25):
    left = y - out
    loss = 0.5 * np.mean(left**2)
    best = None
    for j in range(2):
        for edge in (-1.0, -0.3, 0.4, 1.1):
            low = x[:, j] < edge
            ends = left[low].mean(), left[~low].mean()
            miss = np.sum((left - np.where(low, *ends)) ** 2)
            if best is None or miss < best[0]:
                best = miss, low, ends
    out += 0.4 * np.where(best[1], *best[2])
"""


def test_outputs_that_a_learner_fits_are_not_accused(tmp_path: Path) -> None:
    assert not errors(check(tmp_path, BOOSTED))


BASELINE = """\
import numpy as np

rng = np.random.default_rng(12)
W, v = 0.1 * rng.normal(size=(5, 3)), np.zeros(5)
worth = rng.normal(size=(5, 3))
rows = np.arange(32)
for round_ in range(60):
    s = rng.normal(size=(32, 5))
    p = np.exp(s @ W)
    p /= p.sum(1, keepdims=True)
    chosen = np.array([rng.choice(3, p=q) for q in p])
    gain = (s @ worth)[rows, chosen] - s @ v
    loss = -np.mean(gain * np.log(p[rows, chosen]))
    d = p.copy()
    d[rows, chosen] -= 1
    d *= gain[:, None] / 32
    W -= 0.2 * s.T @ d
    v {sign}= 0.1 * s.T @ gain / 32
"""


def test_a_baseline_descends_a_loss_of_its_own(tmp_path: Path) -> None:
    report = check(tmp_path, BASELINE.replace("{sign}", "+"))
    assert report.verdict == "healthy" and {g.status for g in report.gradients} == {"ok"}
    assert check(tmp_path, BASELINE.replace("{sign}", "-")).verdict != "healthy"


DETERMINANT = """\
import numpy as np

rng = np.random.default_rng(13)
x = np.sort(rng.uniform(-3, 3, 20))
y = np.sin(x) + 0.1 * rng.normal(size=20)
t = np.array([0.0, -1.0])
apart = (x[:, None] - x) ** 2
for step in range(40):
    wide, noise = np.exp(t)
    near = np.exp(-0.5 * apart / wide**2)
    K = near + noise**2 * np.eye(20)
    inverse = np.linalg.inv(K)
    u = inverse @ y
    loss = 0.5 * y @ u + 0.5 * np.linalg.slogdet(K)[1]
    gap = inverse - np.outer(u, u)
    g = np.array([0.5 * np.sum(gap * near * apart / wide**2), np.sum(gap * noise**2 * np.eye(20))])
    t -= 0.01 * g
"""


def test_a_term_is_not_taken_for_a_sum_of_unknown_derivative(tmp_path: Path) -> None:
    assert check(tmp_path, DETERMINANT).verdict == "inconclusive"
