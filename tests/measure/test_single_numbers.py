"""One number at a time: samples of one class first, entries with a statement each, a weight of one entry."""

from __future__ import annotations

from pathlib import Path

from bpdoctor.pipeline import Options, check_path

ONLINE = """\
import math

def squash(v):
    return 1 / (1 + math.exp(-v))

def slope(s):
    return s * (1 - s)

u, v, p, q = 0.4, -0.8, 0.1, 0.0
samples = [(0.2, 0), (0.5, 0), (0.1, 0), (0.9, 0), (0.3, 0), (0.6, 1), (0.8, 1), (0.7, 1)]
for turn in range(200):
    for x, t in samples:
        a = squash(u * x + p)
        b = squash(v * a + q)
        miss = b - t
        cost = miss * miss
        down = 2 * miss
        below = down * v
        db = down * slope(b)
        da = below * slope(a)
        v -= 0.1 * db * a
        q -= 0.1 * db
        u -= 0.1 * da * x
        p -= 0.1 * da
print(cost)
"""


def test_a_repair_is_right_for_every_class(tmp_path: Path) -> None:
    """While the target is 0 the error equals the output; its slope in the place of the output's is no repair."""
    path = tmp_path / "online.py"
    path.write_text(ONLINE, encoding="utf-8")
    finding = check_path(str(path), Options()).findings[0]
    assert finding.primary is not None
    assert finding.primary.span.line in (18, 19)
    assert finding.fix is not None
    assert "slope(b)" in finding.fix.title


ENTRIES = """\
import numpy as np

X = np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 0.0], [0.0, 0.0]])
T = np.array([1.0, 0.0, 1.0, 0.0])
A, c = np.array([[0.7, -0.4], [0.2, 0.6]]), np.array([0.5, -0.9])

def f(z):
    return 1 / (1 + np.exp(-z))

for turn in range(100):
    for x, t in zip(X, T):
        h = f(A[0, 0] * x[0] + A[1, 0] * x[1])
        k = f(A[0, 1] * x[0] + A[1, 1] * x[1])
        y = f(c[0] * h + c[1] * k)
        d = (y - t) * y * (1 - y)
        to_h = {delta} * h
        to_k = {delta} * k
        A[0, 0] -= 0.4 * d * c[0] * h * (1 - h) * x[0]
        A[0, 1] -= 0.4 * d * c[1] * k * (1 - k) * x[0]
        A[1, 0] -= 0.4 * d * c[0] * h * (1 - h) * x[1]
        A[1, 1] -= 0.4 * d * c[1] * k * (1 - k) * x[1]
        c[0] -= 0.4 * to_h
        c[1] -= 0.4 * to_k
print(y)
"""


def test_entries_with_a_statement_each(tmp_path: Path) -> None:
    path = tmp_path / "entries.py"
    path.write_text(ENTRIES.format(delta="d"), encoding="utf-8")
    assert check_path(str(path), Options(fix=False)).verdict == "healthy"
    path.write_text(ENTRIES.format(delta="(y - t)"), encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    lines = [f.primary.span.line for f in report.findings if f.severity == "error" and f.primary]
    assert lines == [16]


ONE_WEIGHT = """\
import numpy as np

x = np.array([[-2.0, -1.0, 1.0, 2.0]])
t = np.array([[0.0, 0.0, 1.0, 1.0]])
W, b = np.array([[0.2]]), np.zeros((1, 1))
for turn in range(40):
    p = 1 / (1 + np.exp(-(W.dot(x) + b)))
    d = (p - t) / 4
    back = W.T.dot(d)
    W -= 0.1 * d.dot(x.T)
    b -= 0.1 * d.sum(axis=1, keepdims=True)
print(W, b)
"""


def test_a_weight_of_one_entry_is_no_loss(tmp_path: Path) -> None:
    path = tmp_path / "one.py"
    path.write_text(ONE_WEIGHT, encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert [f for f in report.findings if f.severity == "error"] == []
    assert report.subject.loss is not None
    assert report.subject.loss.inferred


MATRIX = """\
import numpy as np

rng = np.random.default_rng(21)
P, Q = rng.normal(0, 0.3, (6, 2)), rng.normal(0, 0.3, (7, 2))
of_row, of_column = np.zeros(6), np.zeros(7)
seen = [(i, j, float(np.sin(i * j))) for i in range(6) for j in range(7) if (i + 2 * j) % 3]
rng.shuffle(seen)
for turn in range(15):
    for i, j, r in seen:
        i, j = int(i), int(j)
        e = r - (of_row[i] + of_column[j] + P[i] @ Q[j])
        loss = e**2
        old = P[i].copy()
        P[i] += 0.05 * (e * Q[j] - 0.1 * P[i])
        Q[j] += 0.05 * (e * old - 0.1 * Q[j])
        of_row[i] += 0.05 * (e - 0.1 * of_row[i])
        of_column[j] += 0.05 * (e - 0.1 * of_column[j])
print(loss)
"""


def test_a_decay_that_begins_with_nothing(tmp_path: Path) -> None:
    """An entry that is 0 has no decay yet; later the decay is beside the gradient."""
    path = tmp_path / "matrix.py"
    path.write_text(MATRIX, encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert report.verdict == "healthy", report.reason


ONE_OUTPUT = """\
import numpy as np

rng = np.random.default_rng(8)
X = np.array([[1.0, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]])
t = np.array([[0.0], [1], [1], [0]])
A, B = rng.normal(size=(3, 5)), rng.normal(size=(5, 1))
for turn in range(400):
    k = turn % 4
    x = X[k : k + 1]
    h = np.tanh(x @ A)
    o = np.tanh(h @ B)
    e = o - t[k : k + 1]
    print(np.sum(e**2))
    d = e * (1 - o**2)
    dh = {error} @ B.T * (1 - h**2)
    B -= 0.2 * h.T @ d
    A -= 0.2 * x.T @ dh
"""


def test_the_steady_gradient_is_the_witness(tmp_path: Path) -> None:
    """With one output a wrong gradient is a multiple of the true one, another at each step; the larger array loses."""
    path = tmp_path / "output.py"
    path.write_text(ONE_OUTPUT.format(error="e"), encoding="utf-8")
    report = check_path(str(path), Options())
    errors = [f for f in report.findings if f.severity == "error"]
    assert [(f.follows, f.primary and f.primary.span.line) for f in errors] == [(("A",), 15)]
    assert errors[0].fix is not None
    path.write_text(ONE_OUTPUT.format(error="d"), encoding="utf-8")
    assert check_path(str(path), Options(fix=False)).verdict == "healthy"
