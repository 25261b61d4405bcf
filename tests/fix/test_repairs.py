"""A fault is planted in a small network; the check must find a change that cures it, tried by running it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import check_path

FLAT = """\
import numpy as np

rng = np.random.default_rng(4)
X = rng.normal(size=(14, 3))
T = np.tanh(X @ rng.normal(size=(3, 2)))
A, a = 0.5 * rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5)
B, b = 0.5 * rng.normal(size=(5, 2)), np.zeros(2)
decay, rate = 0.03, 0.1
for step in range(40):
    z = X @ A + a
    h = np.tanh(z)
    out = h @ B + b
    loss = ((out - T) ** 2).sum() / len(X) + decay * (A ** 2).sum()
    d_out = 2 * (out - T) / len(X)
    d_h = d_out @ B.T * (1 - h ** 2)
    g_A = X.T @ d_h + 2 * decay * A
    A -= rate * g_A
    B -= rate * h.T @ d_out
    a -= rate * d_h.sum(axis=0)
    b -= rate * d_out.sum(axis=0)
print(loss)
"""

LAYERS = """\
import numpy as np

rng = np.random.default_rng(6)


class Linear:
    def __init__(self, n, m):
        self.W, self.b = 0.5 * rng.normal(size=(n, m)), 0.1 * rng.normal(size=m)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, d):
        self.dW, self.db = self.x.T @ d, d.sum(axis=0)
        return d @ self.W.T


class Drop:
    def __init__(self, keep):
        self.keep = keep

    def forward(self, x):
        self.mask = (rng.random(x.shape) < self.keep) / self.keep
        return x * self.mask

    def backward(self, d):
        return d * self.mask


class Tanh:
    def forward(self, z):
        self.__a = np.tanh(z)
        return self.__a

    def backward(self, d):
        return d * (1 - self.__a ** 2)


X = rng.normal(size=(20, 4))
y = np.sin(X[:, :1])
first, last = Linear(4, 6), Linear(6, 1)
net = [first, Tanh(), Drop(0.8), last]
for step in range(30):
    p = X
    for layer in net:
        p = layer.forward(p)
    loss = np.mean((p - y) ** 2)
    d = 2 * (p - y) / len(y)
    for layer in reversed(net):
        d = layer.backward(d)
    for layer in (first, last):
        layer.W -= 0.1 * layer.dW
        layer.b -= 0.1 * layer.db
print(loss)
"""

CONVOLUTION = """\
import numpy as np

rng = np.random.default_rng(2)
signals = rng.normal(size=(6, 9))
goals = rng.normal(size=6)
kernel, w = rng.normal(size=3), rng.normal(size=7)


def slope(v):
    return 1 - np.tanh(v) ** 2


for epoch in range(6):
    for x, goal in zip(signals, goals):
        z = np.array([x[i:i + 3] @ kernel for i in range(7)])
        h = np.tanh(z)
        out = h @ w
        loss = 0.5 * (out - goal) ** 2
        e = out - goal
        dz = e * w * slope(z)
        dk = np.zeros(3)
        for i in range(7):
            dk += dz[i] * x[i:i + 3]
        w -= 0.05 * e * h
        kernel -= 0.05 * dk
print(loss)
"""

RECURRENT = """\
import random

import numpy as np

random.seed(3)
rng = np.random.default_rng(5)
words = [(rng.normal(size=(4, 3)), rng.normal()) for _ in range(5)]
U, R, v = 0.5 * rng.normal(size=(3, 6)), 0.4 * rng.normal(size=(6, 6)), 0.5 * rng.normal(size=6)
for epoch in range(12):
    random.shuffle(words)
    for word, goal in words:
        states = [np.zeros(6)]
        for x in word:
            z = x @ U + states[-1] @ R
            states.append(np.where(z > 0, z, 0.05 * z))
        miss = states[-1] @ v - goal
        loss = 0.5 * miss ** 2
        dU, dR, dv = np.zeros_like(U), np.zeros_like(R), miss * states[-1]
        carried = miss * v
        for x, before, after in zip(word[::-1], states[-2::-1], states[:0:-1]):
            d = carried * np.where(after > 0, 1.0, 0.05)
            dU += np.outer(x, d)
            dR += np.outer(before, d)
            carried = R @ d
        U -= 0.03 * dU
        R -= 0.03 * dR
        v -= 0.03 * dv
print(loss)
"""

HINGE = """\
import numpy as np

rng = np.random.default_rng(8)
X = rng.normal(size=(20, 4))
y = rng.integers(0, 3, 20)
W = 0.1 * rng.normal(size=(4, 3))
rows = np.arange(20)
for step in range(30):
    s = X @ W
    over = np.maximum(0, s - s[rows, y][:, None] + 1)
    over[rows, y] = 0
    loss = over.sum() / len(X)
    g = (over > 0).astype(float)
    g[rows, y] = -g.sum(axis=1)
    W -= 0.1 * X.T @ g / len(X)
print(loss)
"""

POOLED = """\
import numpy as np

rng = np.random.default_rng(1)
signals, goals = rng.normal(size=(6, 8)), rng.normal(size=6)
w, v = rng.normal(size=8), rng.normal(size=4)


def unpooled(d, x, top):
    dx = np.zeros_like(x)
    for i in range(len(d)):
        best = x[2 * i:2 * i + 2] == top[i]
        dx[2 * i:2 * i + 2] = best * d[i]
    return dx


for epoch in range(5):
    for x, goal in zip(signals, goals):
        h = np.tanh(w * x)
        top = h.reshape(4, 2).max(axis=1)
        e = top @ v - goal
        loss = 0.5 * e ** 2
        dh = unpooled(e * v, h, top) * (1 - h ** 2)
        v -= 0.05 * e * top
        w -= 0.05 * dh * x
print(loss)
"""

FAULTS = {
    "slope of another number": (RECURRENT, "np.where(after > 0, 1.0, 0.05)", "np.where(after > 0, 1.0, 0.0)"),
    "carried too early": (RECURRENT, "carried = R @ d", "carried = R @ carried"),
    "a part of an array": (HINGE, "g[rows, y] = -g.sum(axis=1)", "g[rows, y] = -1"),
    "every pooled entry": (POOLED, "best * d[i]", "d[i]"),
    "penalty left out": (FLAT, "X.T @ d_h + 2 * decay * A", "X.T @ d_h"),
    "penalty subtracted": (FLAT, "X.T @ d_h + 2 * decay * A", "X.T @ d_h - 2 * decay * A"),
    "raw error sent back": (FLAT, "d_h = d_out @ B.T * (1 - h ** 2)", "d_h = d_out @ B.T * (1 - out.sum() * h ** 2)"),
    "error left out": (FLAT, "d_h = d_out @ B.T * (1 - h ** 2)", "d_h = 1 - h ** 2"),
    "wrong input": (FLAT, "rate * h.T @ d_out", "rate * z.T @ d_out"),
    "mask left out": (LAYERS, "return d * self.mask", "return d"),
    "mask unscaled": (LAYERS, "return d * self.mask", "return d * (self.mask > 0)"),
    "private name": (LAYERS, "return d * (1 - self.__a ** 2)", "return d"),
    "not carried": (CONVOLUTION, "dz = e * w * slope(z)", "dz = e * w * slope(h)"),
    "kernel turned round": (CONVOLUTION, "dk += dz[i] * x[i:i + 3]", "dk += dz[i] * x[i:i + 3][::-1]"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_gets_a_verified_fix(fault: str, tmp_path: Path) -> None:
    """The first error carries a fix that was tried and came out better."""
    text, right, wrong = FAULTS[fault]
    assert text.count(right) == 1
    path = tmp_path / "net.py"
    path.write_text(text.replace(right, wrong))
    report = check_path(str(path))
    first = next(f for f in report.findings if f.severity == "error")
    assert first.fix is not None
    assert first.fix.verified
    assert first.fix.applicability == "safe"


@pytest.mark.parametrize("text", [FLAT, LAYERS, CONVOLUTION, RECURRENT, HINGE, POOLED])
def test_right_networks_are_healthy(text: str, tmp_path: Path) -> None:
    """What the faults are planted in has none."""
    path = tmp_path / "net.py"
    path.write_text(text)
    assert check_path(str(path)).verdict == "healthy"


def test_a_name_is_preferred_to_a_number(tmp_path: Path) -> None:
    """A factor that is missing is written as the user calls it, even where another number equals it."""
    path = tmp_path / "net.py"
    path.write_text(FLAT.replace("X.T @ d_h + 2 * decay * A", "X.T @ d_h"))
    fix = next(f for f in check_path(str(path)).findings if f.severity == "error").fix
    assert fix is not None
    assert "decay" in fix.edits[0].replacement


def test_the_slope_of_the_forward_pass_is_written(tmp_path: Path) -> None:
    """The number that stands in the forward pass takes the place of the other, and nothing else is changed."""
    path = tmp_path / "net.py"
    text, right, wrong = FAULTS["slope of another number"]
    path.write_text(text.replace(right, wrong))
    fix = next(f for f in check_path(str(path)).findings if f.severity == "error").fix
    assert fix is not None
    assert [e.replacement for e in fix.edits] == ["0.05"]


def test_a_factor_that_counts_is_preferred_to_an_equal_size(tmp_path: Path) -> None:
    """The mean over the samples is taken with their number, not with a width that happens to be the same."""
    path = tmp_path / "net.py"
    text = FLAT.replace("size=(14, 3)", "size=(5, 3)").replace("np.tanh(X @ rng", "np.tanh(X @ rng", 1)
    text = text.replace("decay, rate = 0.03, 0.1", "decay, rate, width = 0.03, 0.1, 5")
    path.write_text(text.replace("d_out = 2 * (out - T) / len(X)", "d_out = 2 * (out - T)"))
    fixes = [f.fix for f in check_path(str(path)).findings if f.fix is not None]
    assert fixes
    assert all("width" not in e.replacement for fix in fixes for e in fix.edits)
