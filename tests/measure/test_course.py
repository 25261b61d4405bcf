"""The record of a run, against the same numbers computed by the test itself."""

import json

import numpy as np
import pytest

from bpdoctor.measure.course import course
from bpdoctor.model.health import QUANTILES, Health
from bpdoctor.pipeline import Options, check_path
from bpdoctor.report.jsonreport import encode

NET = """\
import numpy as np

rng = np.random.default_rng(3)
X = rng.normal(size=(20, 3))
t = (X[:, :1] > 0).astype(float)
W, b = rng.normal(size=(3, 4)), np.array([0.0, -60.0, 0.1, 0.0])
V, c = rng.normal(size=(4, 1)), np.zeros(1)
for step in range(120):
    z = X @ W + b
    h = np.maximum(0, z)
    p = 1 / (1 + np.exp(-(h @ V + c)))
    loss = np.mean((p - t) ** 2)
    d = 2 * (p - t) / len(X) * p * (1 - p)
    dh = d @ V.T * (z > 0)
    look(step, locals())
    V -= 0.3 * h.T @ d
    c -= 0.3 * d.sum(axis=0)
    W -= 0.3 * X.T @ dh
    b -= 0.3 * dh.sum(axis=0)
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The record, and what the program itself had in its variables at every step."""
    seen = {}

    def look(step, names):
        seen[step] = {k: np.copy(names[k]) for k in ("z", "h", "p", "t", "loss", "d", "V", "dh", "X", "W")}

    exec(NET, {"look": look})
    path = tmp_path_factory.mktemp("run") / "net.py"
    path.write_text(NET.replace("    look(step, locals())\n", ""))
    return check_path(str(path), Options(fix=False)), seen


def test_steps_are_sampled_from_the_first_to_the_last(run):
    health = Health.read(run[0].health)
    assert health.iterations == (0, 1, 2, 5, 7, 10, 15, 20, 30, 50, 70, 100, 119)
    assert health.whole and health.course == "falling"


def test_numbers_are_those_of_the_program(run):
    report, seen = run
    health = Health.read(report.health)
    steps = [seen[i] for i in health.iterations]
    relu, logistic = health.layers
    assert health.loss == pytest.approx([float(s["loss"]) for s in steps], rel=1e-5)
    assert health.accuracy == pytest.approx([np.mean((s["p"] > 0.5) == s["t"]) for s in steps], rel=1e-5)
    assert health.output_std == pytest.approx([s["p"].std() for s in steps], rel=1e-5)
    assert (relu.activation, relu.units, relu.hidden, relu.silent) == ("relu", 4, True, (1,))
    assert relu.mean == pytest.approx([float(s["h"].mean()) for s in steps], rel=1e-5)
    assert relu.std == pytest.approx([s["h"].std() for s in steps], rel=1e-5)
    assert relu.low == pytest.approx([s["z"].min() for s in steps], rel=1e-5)
    assert relu.quantiles[3] == pytest.approx(np.quantile(steps[3]["h"], QUANTILES), rel=1e-5)
    assert relu.dead == pytest.approx([np.mean((s["z"] < 0).all(axis=0)) for s in steps])
    assert relu.rank == tuple(np.linalg.matrix_rank(s["h"] - s["h"].mean(axis=0)) for s in steps)
    assert relu.saturated == (None,) * len(steps)
    assert logistic.saturated == pytest.approx([np.mean(s["p"] * (1 - s["p"]) < 1e-3) for s in steps])
    assert relu.error_norm == pytest.approx([np.linalg.norm(s["dh"]) for s in steps], rel=1e-5)
    assert logistic.error_norm == pytest.approx([np.linalg.norm(s["d"]) for s in steps], rel=1e-5)
    weights = next(p for p in health.parameters if p.name == "V")
    gradients = [np.linalg.norm(s["h"].T @ s["d"]) for s in steps]
    assert weights.gradient_norm == pytest.approx(gradients, rel=1e-5)
    assert weights.weight_norm == pytest.approx([np.linalg.norm(s["V"]) for s in steps], rel=1e-5)
    sizes = [0.3 * g / np.linalg.norm(s["V"]) for g, s in zip(gradients, steps, strict=True)]
    assert weights.update_ratio == pytest.approx(sizes, rel=1e-5)


def test_the_record_survives_json(run):
    data = json.loads(json.dumps(encode(run[0])))["health"]
    assert Health.read(data) == Health.read(run[0].health)
    assert Health.read({}) is None


@pytest.mark.parametrize(
    ("losses", "word"),
    [
        ([1.0, 0.8, 0.5, 0.3, 0.1], "falling"),
        ([0.7, 0.7001, 0.6999, 0.7, 0.6998, 0.7], "plateau"),
        ([0.7, 0.2, 0.7, 0.2, 0.7, 0.2, 0.7], "oscillating"),
        ([0.5, 0.6, 1.0, 4.0, 50.0], "diverging"),
        ([0.5, 0.6, float("nan"), float("nan"), float("nan")], "diverging"),
        ([0.5, 0.4], ""),
        ([1.0, 0.5, 0.52, 0.5, 0.51, 0.49], "falling"),
        ([0.0, 0.0, 0.0, 0.0, 0.0], "plateau"),
    ],
)
def test_course(losses, word):
    assert course(losses) == word
