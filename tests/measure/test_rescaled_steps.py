"""Steps of changing length are right where the length is made of the gradient, not of one output."""

from __future__ import annotations

from pathlib import Path

from bpdoctor.pipeline import Options, check_path

PROGRAM = """\
import numpy as np

rng = np.random.default_rng(31)
X = rng.normal(size=(12, 2))
t = np.sin(X[:, :1]) - X[:, 1:]
p = {"W": rng.normal(size=(2, 5)), "b": np.zeros(5), "V": rng.normal(size=(5, 1)), "c": np.zeros(1)}
rate, limit = 0.1, 0.02


def shortened(g):
    size = sum(np.sum(x**2) for x in g.values())
    for x in g.values():
        x *= limit / size


for step in range(40):
    h = np.tanh(X @ p["W"] + p["b"])
    y = h @ p["V"] + p["c"]
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dh = d @ p["V"].T * (1 - h**2)
    g = {"W": X.T @ dh, "b": dh.sum(axis=0), "V": h.T @ d, "c": d.sum(axis=0)}
    shortened(g)
    for name in p:
        p[name] -= rate * g[name]
print(loss)
"""


def test_rescaled_by_its_squares(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert not [f for f in report.findings if f.severity != "note"]
    assert report.verdict == "healthy", report.reason


FORGETFUL = """\
import numpy as np

rng = np.random.default_rng(5)
X = rng.normal(size=(30, 2))
t = X[:, :1] * X[:, 1:]
W, b = rng.normal(size=(6, 2)) * 0.7, np.zeros((6, 1))
V, c = rng.normal(size=(1, 6)) * 0.7, np.zeros((1, 1))


def step(p, g):
    size = np.zeros_like(p)
    size = 0.8 * size + 0.2 * g * g
    return p - 0.01 * g / (np.sqrt(size) + 1e-7)


for epoch in range(5):
    loss = 0.0
    for x, y in zip(X, t):
        x = x.reshape(2, 1)
        h = np.tanh(W @ x + b)
        e = V @ h + c - y
        loss += 0.5 * e.item() ** 2
        db = (V.T @ e) * (1 - h * h)
        dW = db @ x.T
        W, b, V, c = step(W, dW), step(b, db), step(V, e @ h.T), step(c, e)
    print(loss)
"""


def test_gradient_that_another_is_made_of(tmp_path: Path) -> None:
    """A bias is moved by its rescaled gradient, and the weights' is made of the same: only the memory is wrong."""
    path = tmp_path / "program.py"
    path.write_text(FORGETFUL, encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert [f.rule for f in report.findings if f.severity == "error"] == ["optimizer-state-reset"]
