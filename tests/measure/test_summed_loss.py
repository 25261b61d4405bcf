"""A loss whose terms the program never adds up: the sum is what the gradients are held against."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

HEALTHY = Path(__file__).resolve().parents[2] / "cases" / "healthy"


@pytest.mark.parametrize(
    ("case", "right", "wrong"),
    [
        ("loss_of_two_terms.py", "d_mean = d_code + mean / len(x)", "d_mean = d_code"),
        ("loss_of_two_terms.py", "noise * spread / 2 +", "noise * spread +"),
        ("penalty_added_for_printing.py", "+ decay * w1)", "- decay * w1)"),
    ],
)
def test_wrong_term(tmp_path: Path, case: str, right: str, wrong: str) -> None:
    """The line that was changed is the first error, and the loss is said to have both terms."""
    text = (HEALTHY / case).read_text(encoding="utf-8")
    assert text.count(right) == 1
    (tmp_path / case).write_text(text.replace(right, wrong), encoding="utf-8")
    report = check_path(str(tmp_path / case), Options())
    errors = [f for f in report.findings if f.severity == "error"]
    assert [f.primary.span.line for f in errors if f.primary] == [text[: text.index(right)].count("\n") + 1]
    assert errors[0].fix is not None
    assert report.subject.loss is not None
    assert report.subject.loss.form.startswith("plus")
