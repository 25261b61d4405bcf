"""What goes through complex numbers is known to depend on the parameters, and is said to be not examined."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

FILTER = """\
import numpy as np

rng = np.random.default_rng(6)
signals = rng.normal(size=(25, 8))
wanted = np.sin(signals[:, :2].sum(axis=1, keepdims=True))
taps = rng.normal(size=8) * 0.4
w, b = rng.normal(size=(8, 1)) * 0.4, np.zeros(1)
spectrum = np.fft.rfft(signals, axis=1)

for round_ in range(80):
    seen = np.fft.irfft(spectrum * np.fft.rfft(taps), n=8, axis=1)
    out = np.tanh(seen) @ w + b
    e = (out - wanted) / len(signals)
    loss = 0.5 * np.sum((out - wanted) ** 2) / len(signals)
    d = e @ w.T * (1 - np.tanh(seen) ** 2)
    back = np.fft.irfft(np.conj(spectrum) * np.fft.rfft(d, axis=1), n=8, axis=1)
    w -= 0.2 * np.tanh(seen).T @ e
    b -= 0.2 * e.sum(axis=0)
    taps -= 0.2 * back.sum(axis=0)
"""


@pytest.mark.parametrize("conjugate", ["np.conj(spectrum)", "spectrum"])
def test_a_gradient_through_complex_numbers_is_left_open(conjugate: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(FILTER.replace("np.conj(spectrum)", conjugate))
    report = check_path(str(tmp_path / "net.py"), Options(fix=False))
    assert {g.parameter: g.status for g in report.gradients} == {"w": "ok", "b": "ok", "taps": "not-examined"}
    assert report.verdict == "inconclusive" and "taps" in report.reason
    assert any("line 11" in told for told in report.not_examined)


def test_what_is_wrong_beside_them_is_found(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(FILTER.replace("w -= 0.2 * np.tanh(seen).T @ e", "w -= 0.2 * seen.T @ e"))
    report = check_path(str(tmp_path / "net.py"), Options(fix=False))
    assert [f.primary.span.line for f in report.findings if f.severity == "error" and f.primary] == [17]
