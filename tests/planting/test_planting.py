"""The yardstick is sound: healthy networks are right, planted faults are faults, labels stand where they say.

These tests need no bpdoctor. `test_sample_is_diagnosed` does, and runs only with `BPDOCTOR_PLANTING=1`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.planting.check import check
from tests.planting.generate import program
from tests.planting.markers import load, names
from tests.planting.plant import plant
from tests.planting.score import judge, judge_healthy
from tests.planting.verify import verify

FAST = ("xor_flat", "implied_bce", "affine_functions", "rnn_sum", "batchnorm_net", "neuron_dicts")


def _visits(name: str) -> tuple[int, int]:
    return (2, 3) if load(name).of("kink") else (0, 3)


@pytest.mark.parametrize("name", names())
def test_network_is_correct(name: str) -> None:
    """Central differences agree at the first step and some steps later."""
    for visit in _visits(name):
        verdict = verify(load(name), visit)
        assert verdict, verdict


@pytest.mark.parametrize("seed", range(25))
def test_generated_network_is_correct(seed: int) -> None:
    """So do those of generated networks."""
    verdict = verify(program(seed), seed % 3)
    assert verdict, verdict


@pytest.mark.parametrize("name", names())
def test_no_hint_survives(name: str) -> None:
    """What is checked carries no hint, and has the lines of the file."""
    network = load(name)
    assert "#@" not in network.text
    assert network.of("theta")


@pytest.mark.parametrize("name", FAST)
def test_faults_are_planted(name: str) -> None:
    """A planted program differs from the healthy one at its label and nowhere else but where it says."""
    faults = plant(name)
    assert len(faults) >= 10
    assert len({p.id for p in faults}) == len(faults)
    for fault in faults:
        compile(fault.text, fault.id, "exec")
        if fault.text.count("\n") == fault.healthy.count("\n") and fault.lines and fault.operator != "update-first":
            rows = zip(fault.healthy.splitlines(), fault.text.splitlines(), strict=True)
            changed = {i for i, (a, b) in enumerate(rows, 1) if a != b}
            assert changed <= set(fault.lines)
            assert fault.line in changed


@pytest.mark.skipif(not os.environ.get("BPDOCTOR_PLANTING"), reason="set BPDOCTOR_PLANTING=1 to score bpdoctor")
@pytest.mark.parametrize("name", FAST)
def test_sample_is_diagnosed(name: str) -> None:
    """A healthy network is passed, and two of its planted faults are found, named and placed."""
    assert not judge_healthy(name, *check(load(name).text, name)).detected
    faults = sorted(plant(name), key=lambda p: p.id)
    for fault in faults[:: max(1, len(faults) // 2)]:
        result = judge(fault, *check(fault.text, fault.network))
        assert result.detected and result.cause, result
