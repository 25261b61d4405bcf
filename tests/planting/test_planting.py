"""The yardstick is sound, and bpdoctor reaches what is measured by it.

Healthy networks are right, planted faults are faults, labels stand where they say; no healthy network is
accused, and of a fixed sample of planted faults a fixed number is found. `python -m tests.planting run`
measures it all.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.model.report import Report
from bpdoctor.pipeline import Options, check_path
from bpdoctor.report.jsonreport import encode
from tests.planting.generate import program
from tests.planting.markers import load, names
from tests.planting.plant import draft_faults, invalid, outcome, plant
from tests.planting.planted import Planted
from tests.planting.score import by_slug, judge, totals
from tests.planting.verify import verify

FAST = ("xor_flat", "implied_bce", "affine_functions", "rnn_sum", "batchnorm_net", "neuron_dicts")
SAMPLE = [
    "mae_printed:wrong-activation-derivative:27:508bdf",
    "neuronales_netz:gradient-ascent:46:9650f5",
    "lstm_adding:shared-weight-gradient-overwritten:50:f7d987",
    "lookalike_batchnorm_bias:bias-gradient-scale:20:1479b0",
    "affine_functions:missing-upstream-gradient:25:5ddbcd",
    "dict_layers:bias-gradient-axis:44:37ff89",
    "gru_parity:recurrent-gradient-not-carried:47:4d39ac",
    "leaky_property:activation-slope-mismatch:27:4a8ffe",
    "hinge_svm:missing-activation-derivative:28:699508",
    "mazur_scalars:weight-gradient-wrong-input:30:049a67",
    "l2_regularised:regularisation-gradient-scale:34:55eb08",
    "rede_neural:activation-formula-on-preactivation:36:f9084b",
    "nabla_lists:double-activation-derivative:45:dc9ffb",
    "huber_regression:loss-derivative:10:9ea8c4",
    "im2col_conv:activation-derivative-of-gradient:64:100e43",
    "lookalike_xor_local_minimum:stale-weights-in-backward:27:c58a57",
    "red_neuronal:backpropagated-error-wrong:25:4f957b",
    "embedding_bag:transposed-weights:27:067b52",
    "attention_head:softmax-jacobian:10:5e0c4b",
    "float32_net:unneeded-output-derivative:24:036b24",
    "softmax_alias:regularisation-gradient-sign:37:f7be48",
    "square_layers:transposed-gradient:33:148fb1",
    "sequential_layers:wrong-activation-derivative:43:46f081",
    "argparse_main:gradient-ascent:36:35c218",
    "xor_nonlin:bias-gradient-axis:35:05d2eb",
    "rnn_sum:shared-weight-gradient-overwritten:31:567224",
    "swish_private:weight-gradient-wrong-input:32:9cd327",
    "while_tolerance:missing-upstream-gradient:23:1a06d4",
    "copy_accuracy:activation-formula-on-preactivation:34:6f2cbb",
    "ce_onehot:bias-gradient-scale:29:c5271d",
    "lookalike_absorbed_half:missing-activation-derivative:14:5816c2",
    "word2vec_negative:loss-derivative:21:65159e",
    "class_rebind:activation-derivative-of-gradient:39:b7ee33",
    "gradient_clipping:double-activation-derivative:23:45d8f8",
    "matrix_type:backpropagated-error-wrong:27:a9956d",
    "lookalike_fused_softmax:activation-slope-mismatch:27:09fc1f",
    "lookalike_error_plus:stale-weights-in-backward:26:53b17c",
    "residual_block:transposed-weights:34:04549b",
    "lookalike_relu_from_output:unneeded-output-derivative:16:423b10",
    "lookalike_dropout_seed:gradient-ascent:16:d87f4d",
]
"""Faults in the gradient: of every rule about it, one a network, by the hash of their ids."""
FLOORS = {0: (9, 9, 8), 1: (9, 9, 9), 2: (9, 8, 8), 3: (9, 9, 9)}
"""Of every fourth fault of the sample: how many are detected, named, and placed on their line, at least.

Measured: 40, 39 and 38 of 40 in all. Where the time limit decides, a loaded machine finds one fewer.
"""


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


def reported(folder: Path, name: str, text: str) -> Report:
    program = folder / f"{name}.py"
    program.write_text(text, encoding="utf-8")
    return check_path(str(program), Options(fix=False))


@pytest.mark.parametrize("name", names())
def test_no_false_alarm(name: str, tmp_path: Path) -> None:
    """A healthy network draws no error and is examined."""
    report = reported(tmp_path, name, load(name).text)
    assert [f"{f.rule}: {f.message}" for f in report.findings if f.severity == "error"] == []
    assert report.verdict == "healthy", report.reason


def planted(identity: str) -> Planted:
    return next(fault for fault in draft_faults(load(identity.split(":", maxsplit=1)[0])) if fault.id == identity)


@pytest.mark.parametrize("part", FLOORS)
def test_planted_faults_are_found(part: int, tmp_path: Path) -> None:
    """Of a fixed sample at least so many are found, named and placed. `-s` prints the figures."""
    results = []
    for fault in map(planted, SAMPLE[part :: len(FLOORS)]):
        report = reported(tmp_path, fault.network, fault.text)
        results.append(judge(fault, encode(report), report.cost["seconds"]))
    for figure, value in totals(results).items():
        print(f"{figure:24} {value}")
    print(*by_slug(results), sep="\n")
    got = (sum(r.detected for r in results), sum(r.cause for r in results), sum(bool(r.line) for r in results))
    assert all(have >= least for have, least in zip(got, FLOORS[part], strict=True)), f"{got}, at least {FLOORS[part]}"


@pytest.mark.parametrize("identity", SAMPLE)
def test_sample_is_of_faults(identity: str) -> None:
    """Each trains otherwise than the healthy network."""
    network = load(identity.split(":", maxsplit=1)[0])
    assert not invalid(network, planted(identity), outcome(network, network.text, limit=20))
