"""The monitor: what it reads against oracles, what it warns of and what not, its record, its memory."""

from __future__ import annotations

import doctest
import json
import tracemalloc
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bpdoctor
from bpdoctor.monitor import Monitor, TrainingWarning, journal, monitor, readings, series, symptoms, watching


class Net:
    """A two-layer regression net that keeps its arrays as attributes; ReLU or a squashing function."""

    def __init__(self, bias: float = 0.0, scale: float = 1.0, function: str = "relu") -> None:
        rng = np.random.default_rng(3)
        self.function = function
        self.x = rng.normal(size=(64, 5))
        self.t = np.sin(self.x[:, :1])
        self.W1, self.b1 = scale * rng.normal(size=(5, 12)) / 2, np.full(12, bias)
        self.W2, self.b2 = rng.normal(size=(12, 1)) / 3, np.zeros(1)

    def step(self, rate: float = 0.05) -> float:
        self.z1 = self.x @ self.W1 + self.b1
        self.h = np.maximum(self.z1, 0) if self.function == "relu" else np.tanh(self.z1)
        self.out = self.h @ self.W2 + self.b2
        d = 2 * (self.out - self.t) / len(self.x)
        self.dW2, self.db2 = self.h.T @ d, d.sum(axis=0)
        self.dz1 = d @ self.W2.T * ((self.h > 0) if self.function == "relu" else 1 - self.h**2)
        self.dW1, self.db1 = self.x.T @ self.dz1, self.dz1.sum(axis=0)
        for name in ("W1", "b1", "W2", "b2"):
            setattr(self, name, getattr(self, name) - rate * getattr(self, "d" + name))
        return float(np.mean((self.out - self.t) ** 2))

    def told(self) -> dict[str, Any]:
        names = ("W1", "b1", "W2", "b2")
        return {
            "activations": {"h": self.h},
            "gradients": {n: getattr(self, "d" + n) for n in names},
            "parameters": {n: getattr(self, n) for n in names},
        }


@pytest.fixture(autouse=True)
def _warnings_are_errors() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", TrainingWarning)
        yield


def train(net: Net, steps: int, watcher: Monitor, rate: float = 0.05) -> None:
    for _ in range(steps):
        loss = net.step(rate)
        watcher.step(loss, **net.told())


@pytest.mark.parametrize("module", [monitor, series, watching])
def test_examples(module: Any) -> None:
    assert doctest.testmod(module).failed == 0


def test_readings_are_right() -> None:
    """Each number against its definition in NumPy."""
    net, watcher = Net(), Monitor(live=False, every=1)
    before = []
    for _ in range(4):
        loss = net.step()
        before.append((net.h.copy(), net.dW1.copy(), net.W1.copy(), loss))
        watcher.step(loss, **net.told())
    watcher.close()
    for k, record in enumerate(watcher.history):
        h, gradient, weights, loss = before[k]
        assert record["step"] == k and record["loss"] == pytest.approx(loss)
        assert record["activations"]["h"]["mean"] == pytest.approx(h.mean())
        assert record["activations"]["h"]["std"] == pytest.approx(h.std())
        assert record["gradients"]["W1"]["norm"] == pytest.approx(np.linalg.norm(gradient))
        assert record["parameters"]["W1"]["norm"] == pytest.approx(np.linalg.norm(weights))
        if k < 3:
            moved = np.linalg.norm(before[k + 1][2] - weights) / np.linalg.norm(weights)
            assert record["parameters"]["W1"]["update"] == pytest.approx(moved)


def test_shares_are_right() -> None:
    rng = np.random.default_rng(0)
    table = np.maximum(rng.normal(size=(50, 8)), 0)
    table[:, [1, 4]] = 0
    assert readings.Activity().read(table)["dead"] == 2 / 8
    far = np.tanh(rng.normal(size=(40, 6)) * 4)
    assert readings.Activity().read(far)["saturated"] == np.mean(1 - far**2 < 1e-3)
    logistic = 1 / (1 + np.exp(-10 * rng.normal(size=(40, 6))))
    assert readings.Activity().read(logistic)["saturated"] == np.mean(logistic * (1 - logistic) < 1e-3)
    sure = np.eye(6)[rng.integers(0, 6, 40)] * 0.9994 + 1e-4
    assert readings.Activity().read(sure / sure.sum(axis=1, keepdims=True))["saturated"] == 0


def test_healthy_training_is_silent() -> None:
    for function in ("relu", "tanh"):
        with Monitor(live=False, every=1) as watcher:
            train(Net(function=function), 400, watcher)
        assert watcher.warnings == () and watcher.report()


def test_dead_units_are_warned_of_once() -> None:
    net, watcher = Net(bias=-40.0), Monitor(live=False, every=1)
    with pytest.warns(TrainingWarning) as seen:
        train(net, 60, watcher)
    assert len([w for w in seen if "units of `h`" in str(w.message)]) == 1
    finding = next(f for f in watcher.report().findings if f.rule == "dead-relu")
    assert finding.code == "BP601" and finding.severity == "warning" and watcher.report()


def test_saturation_from_the_start() -> None:
    watcher = Monitor(live=False, every=1)
    with pytest.warns(TrainingWarning):
        train(Net(scale=60.0, function="tanh"), 5, watcher)
    assert ("saturation", "h") in {(s.rule, s.subject) for s in watcher.warnings}


def test_steps_that_are_too_long() -> None:
    watcher = Monitor(live=False, every=1)
    with pytest.warns(TrainingWarning), np.errstate(all="ignore"):
        train(Net(), 300, watcher, rate=3.0)
    rules = [s.rule for s in watcher.warnings]
    assert "learning-rate-too-high" in rules and "non-finite" in rules
    assert rules.count("non-finite") == 1
    report = watcher.report()
    assert report.verdict == "sick" and "no longer finite" in str(report)


def test_what_breaks_between_two_readings_is_seen_at_once() -> None:
    watcher = Monitor(live=False, every=1000)
    with pytest.warns(TrainingWarning, match="step 5: the loss is no longer finite"):
        for loss in (1.0, 0.9, 0.8, 0.7, 0.6, float("nan"), 0.5):
            watcher.step(loss)


def test_memory_is_constant() -> None:
    """The same after a hundred thousand steps as after some thousand."""
    watcher = Monitor(live=False, every=1)
    values = {"h": np.tanh(np.random.default_rng(0).normal(size=(4, 3)))}

    def run(steps: int) -> int:
        for _ in range(steps):
            watcher.step(1.0, activations=values)
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        early, late = run(3000), run(30000)
    finally:
        tracemalloc.stop()
    assert late < 1.5 * early
    assert len(watcher.history) <= series.MOST


def test_the_record_is_taken_up_again(tmp_path: Path) -> None:
    """A run that was killed while it wrote goes on where it stood, as if it had never stopped."""
    path, whole = tmp_path / "run.jsonl", tmp_path / "whole.jsonl"
    net = Net(bias=-40.0)
    with pytest.warns(TrainingWarning), Monitor(path, live=False, every=1) as first:
        train(net, 30, first)
    with path.open("a", encoding="utf-8") as stream:
        stream.write('{"step": 30, "loss": 0.1')
    again = Monitor(path, live=False, every=1, resume=True)
    assert again.steps == 30 and {s.rule for s in again.warnings} == {s.rule for s in first.warnings}
    train(net, 10, again)
    again.close()
    with pytest.warns(TrainingWarning), Monitor(whole, live=False, every=1) as other:
        train(Net(bias=-40.0), 40, other)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines[0] == {"schema": journal.SCHEMA}
    steps = [line["step"] for line in lines[1:] if "warning" not in line]
    assert steps == list(range(40))
    expected = [json.loads(line) for line in whole.read_text(encoding="utf-8").splitlines()]
    assert [x["loss"] for x in lines if "loss" in x] == [x["loss"] for x in expected if "loss" in x]


def test_only_a_record_is_taken_up(tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("mine\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no record"):
        Monitor(other, resume=True, live=False)
    assert other.read_text(encoding="utf-8") == "mine\n"


def test_every_line_is_json_whatever_breaks(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with pytest.warns(TrainingWarning), Monitor(path, live=False, every=1) as watcher:
        watcher.step(float("inf"), activations={"h": np.array([[np.nan, 1.0]])})
        watcher.step(1.0)

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    for line in path.read_text(encoding="utf-8").splitlines():
        json.loads(line, parse_constant=refuse)


class Layer:
    def __init__(self, W: Any) -> None:
        self.W, self.dW = W, np.zeros_like(W)


def test_watch_finds_the_arrays_of_an_object() -> None:
    net = Net()
    watcher = bpdoctor.watch(net, live=False, every=1)
    for _ in range(6):
        watcher.step(net.step())
    watcher.close()
    last = watcher.history.last
    assert last is not None
    assert set(last["parameters"]) == set(last["gradients"]) == {"W1", "b1", "W2"}
    assert set(last["activations"]) == {"z1", "h", "out"}
    assert last["gradients"]["W1"]["norm"] == pytest.approx(np.linalg.norm(net.dW1))


@pytest.mark.parametrize("form", ["layers", "dicts", "unnamed"])
def test_watch_finds_them_in_other_forms(form: str) -> None:
    """In layers of the same shape, in dicts side by side, and by the change alone where names say nothing."""
    rng = np.random.default_rng(1)
    arrays = [rng.normal(size=(3, 3)) for _ in range(2)]
    gradients = [rng.normal(size=(3, 3)) for _ in range(2)]
    net: Any
    if form == "layers":
        net = {"layers": [Layer(a) for a in arrays]}
        pairs = {f"layers[{i}].W": net["layers"][i] for i in range(2)}
    elif form == "dicts":
        net = {"params": {"W1": arrays[0], "W2": arrays[1]}, "grads": {"W1": gradients[0], "W2": gradients[1]}}
    else:
        net = {"alpha": arrays[0], "beta": arrays[1], "first": gradients[0], "second": gradients[1]}
    watcher = bpdoctor.watch(net, live=False, every=1)
    for k in range(4):
        for i in range(2):
            gradients[i] += 0.1 * rng.normal(size=(3, 3))
            if form == "layers":
                net["layers"][i].dW = gradients[i].copy()
            arrays[i] -= 0.1 * gradients[i]
        watcher.step(float(k))
    watcher.close()
    last = watcher.history.last
    assert last is not None
    wanted = {
        "layers": ["layers[0].W", "layers[1].W"],
        "dicts": ["params.W1", "params.W2"],
        "unnamed": ["alpha", "beta"],
    }
    assert sorted(last["gradients"]) == wanted[form]
    norms = [last["gradients"][name]["norm"] for name in wanted[form]]
    assert norms == pytest.approx([float(np.linalg.norm(g)) for g in gradients])
    if form == "layers":
        assert set(pairs) == set(wanted[form])


def test_thresholds_are_those_of_the_rules() -> None:
    from bpdoctor.measure.activity import VANISHED
    from bpdoctor.rules.bp602_saturation import _MOST

    assert readings.VANISHED == VANISHED and symptoms.SATURATED == _MOST
