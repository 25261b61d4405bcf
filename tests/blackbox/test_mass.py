"""A sample of the mass test: no right gradient fails, no planted error above the resolution is called healthy."""

from __future__ import annotations

from tests.benchmarks import blackbox_mass


def test_sample() -> None:
    right, wrong = blackbox_mass.main(120, first=50_000)
    assert right["sick"] == 0
    assert right["healthy"] >= 110
    assert wrong["healthy"] == 0
    assert wrong["sick"] >= 110
