"""What is wrong in a layer that nobody trains is called by the same name as in a program."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

HEAD = "import numpy as np\n\n\n"
THIN = """\
class Thin:
    def __init__(self, rate=0.4):
        self.rate = rate

    def forward(self, x):
        self.kept = np.random.rand(*x.shape) >= self.rate
        return x * self.kept / (1 - self.rate)

    def backward(self, g):
        return g * self.kept / (1 - self.rate)
"""
LEVEL = """\
class Level:
    def __init__(self, n):
        self.gain, self.shift = np.ones(n), np.zeros(n)

    def forward(self, x):
        self.spread = np.sqrt(x.var(axis=0) + 1e-6)
        self.even = (x - x.mean(axis=0)) / self.spread
        return self.gain * self.even + self.shift

    def backward(self, g):
        self.dgain, self.dshift = (g * self.even).sum(axis=0), g.sum(axis=0)
        g = g * self.gain
        return (g - g.mean(axis=0) - self.even * (g * self.even).mean(axis=0)) / self.spread
"""
SHRINK = """\
class Shrink:
    def forward(self, x):
        N, C, H, W = x.shape
        self.x = x
        return x.reshape(N, C, H // 2, 2, W // 2, 2).max(axis=(3, 5))

    def backward(self, g):
        out = np.zeros_like(self.x)
        for i in range(g.shape[2]):
            for j in range(g.shape[3]):
                part = self.x[:, :, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
                first = part == part.max(axis=(2, 3), keepdims=True)
                out[:, :, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = first * g[:, :, i : i + 1, j : j + 1]
        return out
"""
SLIDE = """\
def slide_forward(x, w, b):
    N, C, H, W = x.shape
    F, C, k, k = w.shape
    out = np.zeros((N, F, H - k + 1, W - k + 1))
    for i in range(H - k + 1):
        for j in range(W - k + 1):
            out[:, :, i, j] = np.tensordot(x[:, :, i : i + k, j : j + k], w, axes=([1, 2, 3], [1, 2, 3])) + b
    return out, (x, w)


def slide_backward(dout, cache):
    x, w = cache
    k = w.shape[2]
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            dw += np.tensordot(dout[:, :, i, j], x[:, :, i : i + k, j : j + k], axes=(0, 0))
            dx[:, :, i : i + k, j : j + k] += np.tensordot(dout[:, :, i, j], w, axes=(1, 0))
    return dx, dw, dout.sum(axis=(0, 2, 3))
"""
FAULTS = [
    (THIN, "return g * self.kept / (1 - self.rate)", "return g / (1 - self.rate)", "dropout-mask"),
    (THIN, "return g * self.kept / (1 - self.rate)", "return g * self.kept", "dropout-mask"),
    (LEVEL, "return (g - g.mean(axis=0) - self.even * (g * self.even).mean(axis=0)) / self.spread",
     "return g / self.spread", "batchnorm-gradient"),
    (LEVEL, "(g - g.mean(axis=0) - self.even", "(g - self.even", "batchnorm-gradient"),
    (SHRINK, "first = part == part.max(", "first = part == part.min(", "pooling-gradient"),
    (SLIDE, "dx[:, :, i : i + k, j : j + k] += np", "dx[:, :, i : i + k, j : j + k] = np", "conv-gradient"),
]  # fmt: skip


@pytest.mark.parametrize("text", [THIN, LEVEL, SHRINK, SLIDE], ids=["thin", "level", "shrink", "slide"])
def test_what_is_right_is_silent(text: str, tmp_path: Path) -> None:
    path = tmp_path / "layer.py"
    path.write_text(HEAD + text, encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert (report.verdict, report.findings) == ("healthy", ()), (report.reason, report.not_examined)


@pytest.mark.parametrize(("text", "right", "wrong", "rule"), FAULTS)
def test_what_is_wrong_has_its_name(text: str, right: str, wrong: str, rule: str, tmp_path: Path) -> None:
    assert text.count(right) == 1
    path = tmp_path / "layer.py"
    path.write_text(HEAD + text.replace(right, wrong), encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert [f.rule for f in report.findings if f.severity == "error"] == [rule]


SHARES = """\
def shares_loss(x, y):
    raw = np.exp(x - x.max(axis=1, keepdims=True))
    p = raw / raw.sum(axis=1, keepdims=True)
    n = np.arange(len(y))
    loss = -np.log(p[n, y]).mean()
    dx = p.copy()
    dx[n, y] -= 1
    dx /= len(y)
    return loss, dx
"""


@pytest.mark.parametrize(("text", "noted"), [(SHARES, False), (SHARES.replace("    dx /= len(y)\n", ""), True)])
def test_a_factor_of_a_loss_is_a_note(text: str, noted: bool, tmp_path: Path) -> None:
    path = tmp_path / "loss.py"
    path.write_text(HEAD + text, encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert report.verdict == "healthy"
    assert [(f.rule, f.severity) for f in report.findings] == [("gradient-scale", "note")] * noted
