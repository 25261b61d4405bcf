"""Programs that ask for a gradient and take no step: to print it, or to compare it with differences."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

HEAD = """\
import numpy as np

rng = np.random.default_rng(5)


def layers(params, X):
    W1, b1, W2, b2 = params
    h = np.tanh(X @ W1 + b1)
    return h, h @ W2 + b2


def loss(params, X, y):
    return 0.5 * np.mean(np.sum((layers(params, X)[1] - y) ** 2, axis=1))


def gradient(params, X, y):
    W1, b1, W2, b2 = params
    h, out = layers(params, X)
    d = (out - y) / len(X)
    dh = d @ W2.T * (1 - h ** 2)
    return [X.T @ dh, dh.sum(axis=0), h.T @ d, d.sum(axis=0)]


"""
DATA = """\
X, y = rng.normal(size=(9, 3)), rng.normal(size=(9, 2))
params = [rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=(4, 2)), np.zeros(2)]
"""
NUMERICAL = """\
def numerical(params, X, y, eps=1e-5):
    out = []
    for p in params:
        g = np.zeros_like(p)
        for i in np.ndindex(p.shape):
            old = p[i]
            p[i] = old + eps
            up = loss(params, X, y)
            p[i] = old - eps
            g[i] = (up - loss(params, X, y)) / (2 * eps)
            p[i] = old
        out.append(g)
    return out


"""
CHECK = (
    NUMERICAL
    + DATA
    + """\
for a, n in zip(gradient(params, X, y), numerical(params, X, y)):
    print(np.abs(a - n).max())
"""
)
INDENTED = "".join(f"    {row}\n" for row in DATA.splitlines())
MAIN = "if __name__ == '__main__':\n" + INDENTED + "    print([np.linalg.norm(g) for g in gradient(params, X, y)])\n"
ONE_BY_ONE = """\
def mse(out, y):
    return np.mean((out - y) ** 2)


def forward(X, W, c):
    return np.maximum(0, X @ W + c)


def backward(X, y, W, c):
    out = forward(X, W, c)
    d = 2 * (out - y) / out.size * (out > 0)
    return X.T @ d, d.sum(axis=0)


X, y = rng.normal(size=(9, 3)), rng.normal(size=(9, 2))
W, c = rng.normal(size=(3, 2)), 0.1 * rng.normal(size=2)
print(mse(forward(X, W, c), y))
dW, dc = backward(X, y, W, c)
print(dW, dc)
"""


def checked(text: str, tmp_path: Path):
    path = tmp_path / "net.py"
    path.write_text(text)
    return check_path(str(path), Options(fix=False))


@pytest.mark.parametrize(
    "text", [HEAD + CHECK, HEAD + MAIN, "import numpy as np\n\nrng = np.random.default_rng(1)\n\n\n" + ONE_BY_ONE]
)
def test_right(text, tmp_path):
    report = checked(text, tmp_path)
    assert report.verdict == "healthy", str(report)
    assert [g.status for g in report.gradients if g.parameter.startswith(("gradient", "backward"))]


@pytest.mark.parametrize(
    ("text", "right", "wrong", "rule"),
    [
        (HEAD + CHECK, "(1 - h ** 2)", "(1 - h)", "wrong-activation-derivative"),
        (HEAD + MAIN, "dh.sum(axis=0), h", "dh.mean(axis=0), h", "bias-gradient-scale"),
        (HEAD + MAIN, "d @ W2.T * (1 - h ** 2)", "d @ W2.T", "missing-activation-derivative"),
    ],
)
def test_wrong(text, right, wrong, rule, tmp_path):
    report = checked(text.replace(right, wrong), tmp_path)
    assert rule in {f.rule for f in report.findings}, str(report)


OTHER_DATA = (
    DATA
    + """\
X_new, y_new = rng.normal(size=(9, 3)), rng.normal(size=(9, 2))
print(np.float64(loss(params, X_new, y_new)))
print([np.linalg.norm(g) for g in gradient(params, X, y)])
"""
)
PENALTY = (
    """\
def objective(params, X, y):
    return loss(params, X, y) + 0.05 * sum(np.sum(p ** 2) for p in params)


def slopes(params, X, y):
    return [g + 0.1 * p for g, p in zip(gradient(params, X, y), params)]


def norm(params, X, y):
    return np.sqrt(sum(np.sum(p ** 2) for p in params))


"""
    + DATA
    + "print(norm(params, X, y), loss(params, X, y), objective(params, X, y))\nprint(slopes(params, X, y))\n"
)
NO_GRADIENTS = (
    """\
def normalised(params):
    return [p / (1 + np.linalg.norm(p)) for p in params]


def zeros(params):
    return [np.zeros_like(p) for p in params]


def energy(params):
    return float(sum(np.sum(np.cos(p)) for p in params))


"""
    + DATA
    + "print(energy(params), normalised(params), zeros(params))\n"
)
NOISY = (
    """\
def dropped(params, X, y):
    W1, b1, W2, b2 = params
    h, _ = layers(params, X)
    h = h * (np.random.rand(*h.shape) < 0.5) * 2
    d = (h @ W2 + b2 - y) / len(X)
    return [X.T @ (d @ W2.T), (d @ W2.T).sum(axis=0), h.T @ d, d.sum(axis=0)]


"""
    + DATA
    + "print(loss(params, X, y), dropped(params, X, y))\n"
)


@pytest.mark.parametrize("text", [OTHER_DATA, PENALTY, NO_GRADIENTS, NOISY], ids=["data", "penalty", "none", "noise"])
def test_silent(text, tmp_path):
    report = checked(HEAD + text, tmp_path)
    assert not [f for f in report.findings if f.severity != "note"], str(report)
