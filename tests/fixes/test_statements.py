"""Faults of statements and settings: a fix comes, was tried, and reads as expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.model.report import Finding
from bpdoctor.pipeline import Options, check_path
from tests.planting.plant import plant

FOLDER = Path(__file__).parent / "programs"

# What the fix must write, in the order of the lines; what stood there is taken out.
WRITTEN = {
    "column_against_row": ["target = target.reshape(-1, 1)"],
    "dict_left_out": ['p["w2"] = p["w2"] - 0.1 * g["w2"]'],
    "last_sample_only": [
        "self.dW = np.zeros_like(self.W)",
        "self.db = np.zeros_like(self.b)",
        "self.dW += np.outer(d, self.x)",
        "self.db += d",
        "self.dW = np.zeros_like(self.dW)",
        "self.db = np.zeros_like(self.db)",
    ],
    "layers_updated_first": ["below = grad.dot(self.w.T)", "return below"],
    "list_updated_first": [
        "W_before = [w.copy() for w in W]",
        "delta = delta @ W_before[k].T * (1 - acts[k] ** 2)",
    ],
    "log_of_saturated": ["loss = -np.mean(y * (X @ w + b) - np.logaddexp(0, X @ w + b))"],
    "loop_variable": ["for i, (w, g) in enumerate(zip(weights, grads)):", "weights[i] = w - rate * g"],
    "never_awake": ['layer = {"W": rng.normal(size=(3, 8)) * np.sqrt(2 / 3), "b": np.zeros((1, 8))}'],
    "never_cleared": ["self.dW = np.zeros_like(self.dW)", "self.db = np.zeros_like(self.db)"],
    "one_climbs": ['theta["V"] = theta["V"] - lr * h.T @ d'],
    "rate_in_config": ['CONFIG = {"hidden": 8, "learning_rate": 0.3, "epochs": 150}'],
    "result_lost": ["W, b, V, c = sgd([W, b, V, c], [X.T @ dh, dh.sum(0), h.T @ d, d.sum(0)], 0.05)"],
    "softmax_twice": ["p = scores"],
    "whole_numbers": ["w = np.array([1, -1], dtype=float)"],
    "zero_dict": [
        "self.params = dict(W1=np.random.randn(nin, nh) / np.sqrt(nin), b1=np.zeros((1, nh)), "
        "W2=np.random.randn(nh, nout) / np.sqrt(nh), b2=np.zeros((1, nout)))"
    ],
}

# A planted fault is the inverse of its fix, or the fix has its own words.
PLANTED = [
    ("rnn_sum", "shared-weight-gradient-overwritten", "dWxh = ", "dWxh += draw @ xs[t].T"),
    ("lstm_adding", "shared-weight-gradient-overwritten", "db = ", "db += da.sum(axis=0)"),
    ("callable_layers", "gradient-accumulation", "pass", "p.grad = np.zeros_like(p.grad)"),
    ("xor_flat", "stale-weights-in-backward", "w1 += ", "w1 += l1.T @ l2_delta"),
    ("class_rebind", "parameter-never-updated", "new_w2 = ", "self.W2 -= self.lr * self.dW2"),
    ("while_tolerance", "parameter-never-updated", "pass", "theta2 = theta2 - alpha * grad2"),
    ("xor_flat", "gradient-ascent", "w0 -= ", "w0 += l0.T @ l1_delta"),
    ("argparse_main", "bias-update", "layers = ", "layers = [(w - args.lr * gw, b - args.lr * gb)"),
    ("einsum_net", "symmetric-initialisation", "np.full((5, 9)", "W1 = rng.normal(size=(5, 9)) * 0.4"),
    ("class_rebind", "initialisation-scale", "* 500", "self.W1 = r.standard_normal((n_in, n_hidden)) * 1.0"),
    ("mae_printed", "learning-rate-too-high", "alpha * 100", "self.W_out += (alpha * 1.0) * np.dot(self.h.T, err)"),
    ("xor_nonlin", "learning-rate-too-low", "lr = 1e-07", "lr = 0.1"),
    ("attention_head", "softmax-axis", "axis=-2", "return e / e.sum(axis=-1, keepdims=True)"),
    ("broadcast_vector", "broadcast-loss", "targets = y", "targets = y.ravel()"),
    ("softmax_alias", "double-softmax", "np.exp(np.exp", "exp_scores = np.exp(scores)"),
]


def fixed(path: Path) -> tuple[Finding, list[str]]:
    """The first serious finding of a program and the lines that its verified fix writes."""
    finding = next(f for f in check_path(str(path), Options()).findings if f.severity != "note")
    assert finding.fix is not None, finding.message
    assert finding.fix.verified, finding.fix.diff
    lines = finding.fix.diff.split("\n")
    return finding, [line[1:].strip() for line in lines if line.startswith("+") and not line.startswith("+++")]


@pytest.mark.parametrize("name", WRITTEN)
def test_program(name: str) -> None:
    assert fixed(FOLDER / f"{name}.py")[1] == WRITTEN[name]


def test_every_program_is_tried() -> None:
    assert {path.stem for path in FOLDER.glob("*.py")} == set(WRITTEN)


@pytest.mark.parametrize(("network", "slug", "sick", "cured"), PLANTED, ids=[f"{n}:{s}" for n, s, _, _ in PLANTED])
def test_planted(network: str, slug: str, sick: str, cured: str, tmp_path: Path) -> None:
    faults = [p for p in plant(network) if p.slug == slug and any(sick in line for line in p.diff().split("\n"))]
    path = tmp_path / f"{network}.py"
    path.write_text(next(p.text for p in faults if _wrote(p.diff(), sick)), encoding="utf-8")
    written = fixed(path)[1]
    # A moved statement is shown by what stands above it now.
    assert any(line.startswith(cured) for line in written) or cured in path.read_text(encoding="utf-8")


def _wrote(diff: str, text: str) -> bool:
    return any(line.startswith("+") and text in line for line in diff.split("\n"))
