"""What an optimiser keeps must live as long as the parameters; stages, folds and layers may have their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

HEAD = """\
import numpy as np

rng = np.random.default_rng(3)
X = rng.normal(size=(40, 3))
t = np.tanh(X[:, :1] - X[:, 1:2] * X[:, 2:])


def start():
    return [rng.normal(size=(3, 6)) * 0.5, np.zeros(6), rng.normal(size=(6, 1)) * 0.4, np.zeros(1)]


def gradients(params, x, t):
    W, b, U, c = params
    h = np.tanh(x @ W + b)
    y = h @ U + c
    d = 2 * (y - t) / len(x)
    dh = (d @ U.T) * (1 - h * h)
    return np.mean((y - t) ** 2), [x.T @ dh, dh.sum(axis=0), h.T @ d, d.sum(axis=0)]


class Momentum:
    def __init__(self, params, rate, mu=0.8):
        self.params, self.rate, self.mu = params, rate, mu
        self.speed = [np.zeros_like(p) for p in params]

    def step(self, grads):
        for i, g in enumerate(grads):
            self.speed[i] = self.mu * self.speed[i] - self.rate * g
            self.params[i] += self.speed[i]


"""

OBJECT = """\
params = start()
for epoch in range(30):
    optimiser = Momentum(params, 0.02)
    for i in range(0, len(X), 8):
        loss, grads = gradients(params, X[i:i + 8], t[i:i + 8])
        optimiser.step(grads)
    print(epoch, loss)
"""

ARRAYS = """\
params = start()
for epoch in range(30):
    squares = {i: np.zeros_like(p) for i, p in enumerate(params)}
    for i in range(0, len(X), 8):
        loss, grads = gradients(params, X[i:i + 8], t[i:i + 8])
        for k, g in enumerate(grads):
            squares[k] = 0.9 * squares[k] + 0.1 * g * g
            params[k] -= 0.01 * g / (np.sqrt(squares[k]) + 1e-8)
    print(epoch, loss)
"""

STAGES = """\
params = start()
for rate in (0.05, 0.02, 0.005):
    optimiser = Momentum(params, rate)
    for epoch in range(10):
        for i in range(0, len(X), 8):
            loss, grads = gradients(params, X[i:i + 8], t[i:i + 8])
            optimiser.step(grads)
    print(rate, loss)
"""

SEEDS = """\
for trial in range(5):
    params = start()
    optimiser = Momentum(params, 0.02)
    for i in range(0, len(X), 8):
        loss, grads = gradients(params, X[i:i + 8], t[i:i + 8])
        optimiser.step(grads)
    print(trial, loss)
"""

ONCE = """\
params = start()
optimiser = Momentum(params, 0.02)
for epoch in range(30):
    seen = np.zeros(1)
    for i in range(0, len(X), 8):
        loss, grads = gradients(params, X[i:i + 8], t[i:i + 8])
        seen += loss
        optimiser.step(grads)
    print(epoch, seen / 5)
"""


def found(text: str, tmp_path: Path, *, fix: bool = False):
    path = tmp_path / "net.py"
    path.write_text(HEAD + text)
    report = check_path(str(path), Options(fix=fix))
    return [f for f in report.findings if f.rule == "optimizer-state-reset"]


@pytest.mark.parametrize(("text", "line"), [(OBJECT, "optimiser = Momentum(params, 0.02)"), (ARRAYS, "squares = {")])
def test_made_in_every_round(text, line, tmp_path):
    (finding,) = found(text, tmp_path, fix=True)
    assert (HEAD + text).splitlines()[finding.primary.span.line - 1].strip().startswith(line)
    assert finding.severity == "warning"
    assert finding.fix is not None


@pytest.mark.parametrize("text", [STAGES, SEEDS, ONCE], ids=["stages", "seeds", "once"])
def test_silent(text, tmp_path):
    assert not found(text, tmp_path)
