"""A constructor's arguments are sizes where they stand in the shapes of arrays, whatever they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

DENSE = """\
import numpy as np


class Plain:
    def __init__(self, {taken}):
        self.w = {weights}
        self.b = {biases}

    def forward(self, x):
        self.x = x
        return x @ self.w + self.b

    def backward(self, g):
        self.dw = self.x.T @ g
        self.db = g.sum(axis=0)
        return g @ self.w.T
"""
INDIRECT = """\
import numpy as np


def drawn(p, q):
    return np.random.normal(0, 0.3, (p, q))


class Plain:
    def __init__(self, i, o):
        self.i, self.o = i, o
        self.make()

    def make(self):
        self.w, self.b = drawn(self.i, self.o), np.zeros(self.o)

    def forward(self, x):
        self.x = x
        return x @ self.w + self.b

    def backward(self, g):
        self.dw, self.db = self.x.T @ g, g.sum(axis=0)
        return g @ self.w.T
"""
CALLED = [
    ("i, o", "np.random.randn(i, o)", "np.zeros(o)"),
    ("a, b", "np.random.normal(0, 0.1, (a, b))", "np.zeros((1, b))"),
    ("units, prev", "np.random.normal(size=(units, prev))", "np.zeros(prev)"),
    ("shape", "np.random.randn(*shape)", "np.zeros(shape[1])"),
    ("o, i", "np.random.randn(i, o) * np.sqrt(2 / i)", "np.full(o, 0.1)"),
]


@pytest.mark.parametrize("called", CALLED, ids=[c[0] for c in CALLED])
@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
def test_names_of_sizes_do_not_matter(called: tuple[str, str, str], right: bool, tmp_path: Path) -> None:
    text = DENSE.format(**dict(zip(("taken", "weights", "biases"), called, strict=True)))
    path = tmp_path / "plain.py"
    path.write_text(text if right else text.replace("g.sum(axis=0)", "g.mean(axis=0)"), encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert report.verdict == ("healthy" if right else "sick"), (report.reason, report.not_examined)
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "self.db" in row)
    assert [f.primary and f.primary.span.line for f in report.findings] == ([] if right else [line])


def test_a_size_is_followed_to_where_it_is_used(tmp_path: Path) -> None:
    path = tmp_path / "plain.py"
    path.write_text(INDIRECT, encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert report.verdict == "healthy", (report.reason, report.not_examined)
    assert [p.shape for p in report.subject.parameters] == [(4, 5), (5, 3), (3,)]
