"""The cure of a case about training is tried by training again: the loss ends lower than it did."""

import pytest

from bpdoctor.pipeline import Options, check_path
from tests.test_cases import CASES

HEALTH = ("dead-relu", "saturation", "vanishing-gradient", "exploding-gradient", "stuck-output", "plateau")
CAUSES = ("learning-rate-too-high", "learning-rate-too-low", "initialisation-scale", "unscaled-inputs", "missing-bias")


@pytest.mark.parametrize("slug", [*HEALTH, *CAUSES])
def test_a_cure_is_verified_by_training(slug):
    report = check_path(str(CASES / slug / "sick.py"), Options(fix=True))
    finding = next(f for f in report.findings if f.rule == slug)
    fix = finding.fix
    assert fix is not None and fix.verified and fix.trained is not None
    was, now = fix.trained
    assert not now >= 0.9 * was, f"{slug}: {fix.proof}"
