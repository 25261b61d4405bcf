"""Steps are followed to the end of training, however the parameters are given their new values."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

SCRIPT = """\
import numpy as np

rng = np.random.default_rng(8)
x = rng.normal(size=(20, 3))
t = x[:, :1] - x[:, 1:2]
w = rng.normal(size=(3, 1))
for step in range(150):
    r = x @ w - t
    loss = np.mean(r ** 2)
    {update}
print(loss)
"""
FUNCTION = """\
import numpy as np


def fit(x, t, steps):
    w = np.ones((3, 1))
    for step in range(steps):
        r = x @ w - t
        loss = np.mean(r ** 2)
        {update}
    return w, loss


rng = np.random.default_rng(8)
x = rng.normal(size=(20, 3))
print(fit(x, x[:, :1] - x[:, 1:2], 150))
"""
SHARED = """\
import numpy as np

rng = np.random.default_rng(8)
x = rng.normal(size=(20, 3))
t = x[:, :1] - x[:, 1:2]
w = rng.normal(size=(3, 1))


def improve():
    global w
    r = x @ w - t
    {update}
    return np.mean(r ** 2)


for step in range(150):
    loss = improve()
print(loss)
"""


@pytest.mark.parametrize("text", [SCRIPT, FUNCTION, SHARED], ids=["script", "function", "global"])
@pytest.mark.parametrize("update", ["w = w - 0.1 * x.T @ r / 10", "w -= 0.1 * x.T @ r / 10"], ids=["anew", "in place"])
def test_the_curve_goes_to_the_end(text: str, update: str, tmp_path: Path) -> None:
    (tmp_path / "fit.py").write_text(text.format(update=update))
    report = check_path(str(tmp_path / "fit.py"), Options(fix=False))
    assert report.verdict == "healthy"
    assert report.health["iterations"][-1] == 149  # the first is 0
    assert report.health["loss"][-1] < 1e-3 * report.health["loss"][0]


CONTAINED = """\
import numpy as np


class Net:
    def __init__(self, rng):
        self.held = {made}


def improved(held, x, r):
    return {again}


def fit(net, x, t, steps):
    held = net.held
    for step in range(steps):
        r = x @ {w} + {b} - t
        loss = np.mean(r ** 2)
        {update}
    return loss


rng = np.random.default_rng(8)
x = rng.normal(size=(20, 3))
print(fit(Net(rng), x, x[:, :1] - x[:, 1:2] + 0.5, 150))
"""
LISTED = {
    "made": "[rng.normal(size=(3, 1)), np.zeros(1)]",
    "again": "[p - 0.1 * g for p, g in zip(held, (x.T @ r / 10, r.sum(axis=0) / 10))]",
}
TUPLE = {
    "made": "(rng.normal(size=(3, 1)), np.zeros(1))",
    "again": "(held[0] - 0.1 * x.T @ r / 10, held[1] - 0.1 * r.sum(axis=0) / 10)",
}
DICTIONARY = {
    "made": "{0: rng.normal(size=(3, 1)), 1: np.zeros(1)}",
    "again": "{k: held[k] - 0.1 * g for k, g in {0: x.T @ r / 10, 1: r.sum(axis=0) / 10}.items()}",
}
NAME = {"w": "held[0]", "b": "held[1]", "update": "held = improved(held, x, r)"}
ATTRIBUTE = {"w": "net.held[0]", "b": "net.held[1]", "update": "net.held = improved(net.held, x, r)"}


@pytest.mark.parametrize("container", [LISTED, TUPLE, DICTIONARY], ids=["list", "tuple", "dict"])
@pytest.mark.parametrize("place", [NAME, ATTRIBUTE], ids=["name", "attribute"])
def test_parameters_in_a_new_container(container: dict[str, str], place: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "fit.py").write_text(CONTAINED.format(**container, **place))
    report = check_path(str(tmp_path / "fit.py"), Options(fix=False))
    assert report.verdict == "healthy"
    assert report.health["iterations"][-1] == 149
    assert report.health["loss"][-1] < 1e-3 * report.health["loss"][0]
