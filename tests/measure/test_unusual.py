"""Correct programs that learn otherwise than by one step along one gradient of one loss: none is accused."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

PROGRAMS = Path(__file__).with_name("programs")
# Of these no gradient can be judged, or not each; the others are found right.
UNTOLD = frozenset(
    {
        "binary_weights",
        "contrastive_divergence",
        "evolution",
        "forward_in_time",
        "machine_with_bias_column",
        "policy_gradient",
        "principal_component",
        "straight_through",
        "trust_ratio",
    }
)


@pytest.mark.parametrize("path", sorted(PROGRAMS.glob("*.py")), ids=lambda path: path.stem)
def test_no_alarm(path: Path) -> None:
    report = check_path(str(path), Options(fix=False))
    assert [(f.rule, f.message) for f in report.findings if f.severity != "note"] == []
    assert report.verdict == ("inconclusive" if path.stem in UNTOLD else "healthy"), report.reason


def test_all_are_there() -> None:
    assert {path.stem for path in PROGRAMS.glob("*.py")} > UNTOLD


SICK = [
    ("binary_weights", "(1 - h**2)", "(1 - h)", "wrong-activation-derivative"),
    ("climbs_likelihood", " + 0.5 * ", " - 0.5 * ", "gradient-ascent"),
    ("head_penalised_in_twos", "d + 2 * keep_small", "d + keep_small", "regularisation-gradient-scale"),
    ("moments_in_dicts", "shift - even * scale", "shift", "batchnorm-gradient"),
    ("newton_steps", "w - np.linalg.solve", "w + np.linalg.solve", "gradient-ascent"),
    ("noise_in_moments", "hidden[layer] ** 2", "hidden[layer]", "wrong-activation-derivative"),
    ("players_in_place", "(1 - self.h**2)", "(1 - self.h)", "wrong-activation-derivative"),
    ("records", "(1 - h**2)", "(1 - h)", "wrong-activation-derivative"),
    ("sequences_of_many_lengths", "dh = Wh.T @ raw", "dh = Wh @ raw", "transposed-weights"),
    ("state_carried_on", "(1 - hs[t + 1] ** 2)", "(1 - hs[t + 1])", "wrong-activation-derivative"),
    ("straight_through", "(p - t) / len(x)", "(p - t) * p * (1 - p) / len(x)", "unneeded-output-derivative"),
    ("two_players", "(1 - hr**2)", "(1 - hr)", "wrong-activation-derivative"),
    ("views_of_one_vector", "a[k // 2] ** 2", "a[k // 2]", "wrong-activation-derivative"),
]


@pytest.mark.parametrize(("name", "right", "wrong", "slug"), SICK, ids=[s[0] for s in SICK])
def test_a_fault_is_still_seen(tmp_path: Path, name: str, right: str, wrong: str, slug: str) -> None:
    text = (PROGRAMS / f"{name}.py").read_text(encoding="utf-8")
    assert right in text
    path = tmp_path / "sick.py"
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert slug in {f.rule for f in report.findings if f.severity == "error"}, str(report)
