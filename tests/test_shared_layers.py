"""One code that serves all layers: where a fault of it is seen, what it is called, and what is no cure of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bpdoctor.diagnose.name import _residual
from bpdoctor.model.evidence import Prediction
from bpdoctor.model.report import Finding, GradientResult, Mark, Report
from bpdoctor.model.source import Edit, Span
from bpdoctor.pipeline.check import check_path
from bpdoctor.pipeline.judgement import better
from bpdoctor.pipeline.options import Options

PROGRAM = """\
import numpy as np

rng = np.random.default_rng(5)
X = rng.normal(size=(4, 70))
T = np.vstack([X[0] * X[1], np.sin(X[2] + X[3])])
sizes = [4, 7, 6, 2]
net = {}
for l in range(1, 4):
    net["W%d" % l] = rng.normal(size=(sizes[l], sizes[l - 1])) / np.sqrt(sizes[l - 1])
    net["b%d" % l] = np.zeros((sizes[l], 1))

def back(d, below, W):
    n = below.shape[1]
    return W.T @ d, d @ below.T / n, d.sum(axis=1, keepdims=True) / n

for step in range(60):
    a = [X]
    for l in range(1, 4):
        z = net["W%d" % l] @ a[-1] + net["b%d" % l]
        a.append(z if l == 3 else np.tanh(z))
    cost = np.sum((a[3] - T) ** 2) / (2 * X.shape[1])
    d, grads = a[3] - T, {}
    for l in (3, 2, 1):
        e, grads["W%d" % l], grads["b%d" % l] = back(d, a[l - 1], net["W%d" % l])
        d = e * (1 - a[l - 1] ** 2)
    net = {k: v - 0.2 * grads[k] for k, v in net.items()}
print(cost)
"""


def report_on(text: str, tmp_path: Path, *, fix: bool = False) -> Report:
    path = tmp_path / "net.py"
    path.write_text(text)
    return check_path(str(path), Options(fix=fix))


def test_right_layers_are_silent(tmp_path: Path) -> None:
    assert report_on(PROGRAM, tmp_path).verdict == "healthy"


def test_a_factor_comes_in_where_it_stands(tmp_path: Path) -> None:
    """Not where a parameter begins: the only line that right layers do not pass."""
    report = report_on(PROGRAM.replace("return W.T @ d,", "return W.T @ d / n,"), tmp_path)
    found = [f for f in report.findings if f.severity == "error" and f.primary]
    assert found
    assert all(f.primary is not None and f.primary.span.line > 11 for f in found)


def test_of_faint_errors_a_derivative_is_left_out(tmp_path: Path) -> None:
    """``d * f'(d)`` is d itself where d is near 0."""
    faint = PROGRAM.replace("(2 * X.shape[1])", "(2e6 * X.shape[1])").replace(
        "d, grads = a[3] - T", "d, grads = 1e-6 * (a[3] - T)"
    )
    faint = faint.replace("0.2 * grads", "2e5 * grads")
    assert report_on(faint, tmp_path).verdict == "healthy"
    without = report_on(faint.replace("d = e * (1 - a[l - 1] ** 2)", "d = e"), tmp_path)
    assert [f.rule for f in without.findings if f.severity == "error"] == ["missing-activation-derivative"]


def test_what_is_the_same_throughout_fits_any_multiple() -> None:
    """A bias of equal entries proves nothing of what it was moved by."""
    level = Prediction(np.full(6, 0.25), "b", "b times a constant", "", free=True)
    assert _residual([level], [np.full(6, -3.0)]) is None
    varied = Prediction(np.arange(6.0), "b", "b times a constant", "", free=True)
    assert _residual([varied], [-2 * np.arange(6.0)]) == 0


def _report(*findings: Finding, **status: str) -> Report:
    gradients = tuple(GradientResult(k, s, 0.1, 0.0, None, 1) for k, s in status.items())  # type: ignore[arg-type]
    verdict = "sick" if any(f.severity == "error" for f in findings) else "healthy"
    return Report("net.py", "script", verdict, findings=findings, gradients=gradients)  # type: ignore[arg-type]


def _finding(rule: str, line: int, *follows: str, severity: str = "error") -> Finding:
    mark = Mark(Span("net.py", line, 5, line, 9), "here")
    return Finding("BP", rule, severity, "wrong", mark, residual=0.0, follows=follows)  # type: ignore[arg-type]


def test_a_statement_that_is_still_wrong_is_not_mended() -> None:
    finding = _finding("missing-activation-derivative", 40, "W1")
    before = _report(finding, _finding("wrong-gradient", 40, "W2"), W1="wrong", W2="wrong", W3="ok")
    edits = [Edit(Span("net.py", 40, 1, 40, 3), "x")]
    left = _report(_finding("wrong-gradient", 40, "W1"), W1="wrong", W2="scaled", W3="ok")
    assert not better(before, left, finding, edits)
    mended = _report(_finding("wrong-gradient", 40, "W2"), W1="ok", W2="wrong", W3="ok")
    assert better(before, mended, finding, edits)


def test_a_cure_brings_no_factor_of_its_own() -> None:
    finding = _finding("loss-derivative", 20, "W1", "W2")
    before = _report(finding, W1="wrong", W2="wrong")
    edits = [Edit(Span("net.py", 20, 1, 20, 3), "x")]
    rescaled = _report(_finding("gradient-scale", 30, "W1", "W2", severity="warning"), W1="ok", W2="ok")
    assert not better(before, rescaled, finding, edits)
    assert better(before, _report(W1="ok", W2="ok"), finding, edits)
