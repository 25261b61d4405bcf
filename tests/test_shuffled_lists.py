"""Lists of numbers that the program changes as a whole: a run that measures differences changes them too."""

from __future__ import annotations

from pathlib import Path

from bpdoctor.pipeline.check import check_path

PROGRAM = """\
import math
import random

random.seed(7)
rows = [[0.1 * i, math.sin(i), 1.0 if math.sin(i) > 0.1 * i - 0.5 else 0.0] for i in range(12)]
w = [[random.uniform(-1, 1) for _ in range(2)] for _ in range(4)]
c = [random.uniform(-1, 1) for _ in range(4)]
v = [random.uniform(-1, 1) for _ in range(4)]
b = random.uniform(-1, 1)
for turn in range(300):
    random.shuffle(rows)
    total = 0.0
    for row in rows:
        h = [math.tanh(w[j][0] * row[0] + w[j][1] * row[1] + c[j]) for j in range(4)]
        y = 1 / (1 + math.exp(-sum(p * q for p, q in zip(v, h)) - b))
        loss = 0.5 * (y - row[2]) ** 2
        total += loss
        d = (y - row[2]) * y * (1 - y)
        for j in range(4):
            e = d * v[j] * (1 - h[j] ** 2)
            v[j] -= 0.3 * d * h[j]
            w[j][0] -= 0.3 * e * row[0]
            w[j][1] -= 0.3 * e * row[1]
            c[j] -= 0.3 * e
        b -= 0.3 * d
print(total)
"""


def test_right_gradients_are_confirmed(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(PROGRAM)
    report = check_path(str(path))
    assert report.verdict == "healthy", report.reason


def test_a_fault_is_found(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(PROGRAM.replace("b -= 0.3 * d\n", "b -= 0.3 * d * b\n"))
    report = check_path(str(path))
    found = [(f.rule, f.primary.span.line) for f in report.findings if f.severity == "error" and f.primary]
    assert found == [("bias-update", 25)]
