"""What is kept beside parameters, and what only looks like it: sums, rates that decay, dual numbers, a single input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bpdoctor.autodiff.replay import recompute
from bpdoctor.model.report import Report
from bpdoctor.model.source import Source
from bpdoctor.observe import memory
from bpdoctor.observe.loops import UNLIMITED
from bpdoctor.observe.program import Session
from bpdoctor.pipeline import Options, check_path


def check(tmp_path: Path, text: str) -> Report:
    path = tmp_path / "kept.py"
    path.write_text(text, encoding="utf-8")
    return check_path(str(path), Options(fix=False))


def rules(report: Report) -> list[str]:
    return [f.rule for f in report.findings if f.severity == "error"]


SUMS = """\
import numpy as np

rng = np.random.default_rng(21)
w, b = 0.5 * rng.normal(size=4), np.zeros(1)
gw, gb = np.zeros(4), np.zeros(1)
x = rng.normal(size=(60, 4))
y = np.cos(x.sum(1))
for epoch in range(20):
    for k in range(60):
        h = np.tanh(w @ x[k])
        e = h + b[0] - y[k]
        loss = 0.5 * e * e
        gw += e * (1 - h**2) * x[k]
        gb += e
        if k % 10 == 9:
            w -= 0.01 * gw
            b -= 0.01 * gb
            {clear}
"""


@pytest.mark.parametrize("clear", ["gw[:] = 0; gb[:] = 0", "gw *= 0; gb *= 0", "gw.fill(0); gb.fill(0)"])
def test_sums_that_are_cleared_in_place(tmp_path: Path, clear: str) -> None:
    report = check(tmp_path, SUMS.format(clear=clear))
    assert report.verdict == "healthy" and {g.status for g in report.gradients} == {"ok"}


def test_sums_that_are_not_cleared(tmp_path: Path) -> None:
    assert rules(check(tmp_path, SUMS.format(clear="pass"))) == ["gradient-accumulation"]


IN_PARTS = """\
import numpy as np

rng = np.random.default_rng(22)
x = rng.normal(size=(60, 3))
y = 1.0 * (x.sum(1) > 0.3)
theta, g = np.zeros(4), np.zeros(4)
for epoch in range(20):
    for i in range(60):
        p = 1 / (1 + np.exp(-(theta[:3] @ x[i] + theta[3])))
        loss = -y[i] * np.log(p) - (1 - y[i]) * np.log(1 - p)
        g[:3] += (p - y[i]) * x[i]
        g[3] += {delta}
        if i % 12 == 11:
            theta -= 0.04 * g
            g[:] = 0
"""


def test_sums_that_are_made_part_by_part(tmp_path: Path) -> None:
    assert check(tmp_path, IN_PARTS.format(delta="p - y[i]")).verdict == "healthy"
    assert check(tmp_path, IN_PARTS.format(delta="p")).verdict != "healthy"


def test_a_rate_that_decays_is_no_memory(tmp_path: Path) -> None:
    text = """\
import numpy as np

rng = np.random.default_rng(23)
x = rng.normal(size=(25, 3))
y = np.eye(2)[(x[:, 0] > 0) * 1]
W, b = 0.1 * rng.normal(size=(3, 2)), np.zeros(2)
rate = 0.05
for epoch in range(50):
    z = np.exp(x @ W + b)
    p = z / z.sum(1, keepdims=True)
    loss = -np.sum(y * np.log(p))
    d = p - y
    W -= rate * x.T @ d
    b -= rate * d.{taken}(axis=0)
    rate *= 0.97
"""
    assert check(tmp_path, text.replace("{taken}", "sum")).verdict == "healthy"
    assert rules(check(tmp_path, text.replace("{taken}", "mean"))) == ["bias-gradient-scale"]


def test_saturated_outputs_have_lost_their_digits(tmp_path: Path) -> None:
    text = """\
import numpy as np

rng = np.random.default_rng(24)
x = rng.uniform(size=(70, 3))
y = 3 + 9 * x.mean(1, keepdims=True)
A, a = rng.normal(size=(3, 5)), np.zeros(5)
B, b = rng.normal(size=(5, 1)), np.zeros(1)


def squash(v):
    return 1 / (1 + np.exp(-v))


for step in range(400):
    h = squash(x @ A + a)
    o = squash(h @ B + b)
    e = o - y
    loss = 0.5 * np.mean(e**2)
    d = e / len(y) * o * (1 - o)
    back = d @ B.T * h * (1 - h)
    B -= 3 * h.T @ d
    b -= 3 * d.sum(0)
    A -= 3 * x.T @ back
    a -= 3 * back.sum(0)
"""
    report = check(tmp_path, text)
    assert not rules(report) and "target-out-of-range" in [f.rule for f in report.findings]
    assert rules(check(tmp_path, text.replace("* h * (1 - h)", "* (1 - h)")))


DUAL = """\
class Dual:
    def __init__(self, v, d=0.0):
        self.v, self.d = v, d

    def __add__(self, o):
        return Dual(self.v + o.v, self.d + o.d)

    def __mul__(self, o):
        return Dual(self.v * o.v, self.v * o.d + self.d * o.v)


p = [0.2, -0.1]
data = [(0.5, 0.3), (1.0, 0.8), (-0.5, -0.2)]


def total(p):
    out = Dual(0.0)
    for x, t in data:
        e = p[0] * Dual(x) + p[1] + Dual(-t)
        out = out + e * e
    return out


for step in range(40):
    g = [total([Dual(v, 1.0 if k == i else 0.0) for k, v in enumerate(p)]) for i in range(2)]
    p = [a - 0.03 * q.d for a, q in zip(p, g)]
    print(g[0].v)
"""


def test_dual_numbers_are_no_lost_updates_and_no_settings(tmp_path: Path) -> None:
    report = check(tmp_path, DUAL)
    assert report.verdict == "healthy" and not report.findings


def test_parameters_that_the_first_steps_do_not_use(tmp_path: Path) -> None:
    text = """\
import numpy as np

rng = np.random.default_rng(25)
P = {"in": 0.5 * rng.normal(size=(3, 4)), "deep": 0.5 * rng.normal(size=(4, 4)), "out": 0.5 * rng.normal(size=(4, 1))}
for step in range(300):
    x = rng.normal(size=(8, 3))
    y = x[:, :1]
    h = np.tanh(x @ P["in"])
    deep = step > 12 and step % 3 > 0
    top = np.tanh(h @ P["deep"]) if deep else h
    e = top @ P["out"] - y
    loss = np.mean(e**2)
    d = 2 * e / len(x)
    G = {"out": top.T @ d}
    back = d @ P["out"].T
    if deep:
        back = back * (1 - top**2)
        G["deep"] = h.T @ back
        back = back @ P["deep"]{turned}
    G["in"] = x.T @ (back * (1 - h**2))
    for name in G:
        P[name] -= 0.1 * G[name]
"""
    report = check(tmp_path, text.replace("{turned}", ".T"))
    assert report.verdict == "healthy" and len(report.gradients) == 3
    assert check(tmp_path, text.replace("{turned}", "")).verdict != "healthy"


FILLED = """\
import numpy as np

rng = np.random.default_rng(26)
x = rng.normal(size=30)
out = np.zeros(30)
for i in range(30):
    out[i] = 2.0 * x[i]
    out[i] += 1.0
made = out * 3.0
"""


def test_what_a_long_loop_fills_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MOST_COPIED", 0)
    session = Session("filled.py", UNLIMITED)
    session.run(Source("filled.py", FILLED))
    tape = session.recorder.tape
    assert len(tape.unkept) > 20
    steps = [n for n in range(len(tape)) if tape.nodes[n].prim == "setitem"]
    for k, n in enumerate(steps):
        assert np.count_nonzero(tape.filled(n)) == k // 2 + 1
    last = steps[-1]
    assert np.array_equal(recompute(tape, last, {}), tape.values[last])


def test_a_product_with_one_input_is_a_layer_and_no_rescaling(tmp_path: Path) -> None:
    text = """\
import numpy as np

rng = np.random.default_rng(27)
W, V = 0.6 * rng.normal(size=(3, 1)), rng.normal(size=(1, 3))
for step in range(300):
    x = rng.uniform(-2, 2, (1, 1))
    h = 1 / (1 + np.exp(-W @ x))
    o = 1 / (1 + np.exp(-V @ h))
    e = (np.cos(x) + 1) / 2 - o
    back = V.T @ {error}
    V += 0.1 * (e * o * (1 - o)) @ h.T
    W += 0.1 * (back * h * (1 - h)) @ x.T
"""
    assert check(tmp_path, text.replace("{error}", "(e * o * (1 - o))")).verdict == "healthy"
    assert rules(check(tmp_path, text.replace("{error}", "e"))) == ["backpropagated-error-wrong"]


def test_parameters_that_loops_write_and_read_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = """\
import numpy as np

rng = np.random.default_rng(28)
x, y = rng.normal(size=(6, 4)), rng.normal(size=(6, 3))
W = rng.normal(size=(3, 4))
for step in range(12):
    for k in range(6):
        z = np.zeros(3)
        for i in range(3):
            for j in range(4):
                z[i] += W[i, j] * x[k, j]
        e = z - y[k]
        loss = 0.5 * np.sum(e**2)
        for i in range(3):
            for j in range(4):
                W[i, j] -= 0.05 * e[i] * x[k, {column}]
"""
    monkeypatch.setattr(memory, "_MOST_COPIED", 0)
    assert check(tmp_path, text.replace("{column}", "j")).verdict == "healthy"
    assert rules(check(tmp_path, text.replace("{column}", "(j + 1) % 4")))
