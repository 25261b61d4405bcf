"""Gradients that are computed and applied to nothing: of one array, or of all."""

from __future__ import annotations

from typing import Any

import pytest

from .harness import examine

NET = """\
import numpy as np

rng = np.random.default_rng(2)
X, t = rng.normal(size=(9, 3)), rng.normal(size=(9, 2))
W, b = rng.normal(size=(3, 4)), np.zeros(4)
V = rng.normal(size=(4, 2))
for step in range(8):
    h = np.tanh(X @ W + b)
    y = h @ V
    loss = np.sum((y - t) ** 2) / len(X)
    d = 2 * (y - t) / len(X)
    dh = d @ V.T * (1 - h ** 2)
    dV, dW, db, dX = h.T @ d, X.T @ dh, dh.sum(axis=0), dh @ W.T
    {update}
"""
ALL = "V -= 0.1 * dV; W -= 0.1 * dW; b -= 0.1 * db"
FILTER = """\
import numpy as np

rng = np.random.default_rng(3)
X, t = rng.normal(size=(6, 8)), rng.normal(size=(6, 1))
k, V = rng.normal(size=3), rng.normal(size=(6, 1))
for step in range(8):
    c = sum(X[:, i:i + 6] * k[i] for i in range(3))
    h = np.tanh(c)
    y = h @ V
    loss = np.mean((y - t) ** 2)
    d = 2 * (y - t) / len(X)
    dc = d @ V.T * (1 - h ** 2)
    dk = np.array([np.sum(dc * X[:, i:i + 6]) for i in range(3)])
    V -= 0.1 * h.T @ d
    {update}
"""


def unapplied(text: str, update: str) -> list[tuple[str, bool]]:
    found: Any = examine(text.format(update=update)).measurements["unapplied"]
    return [(x.name, x.delta) for x in found]


def idle(update: str, text: str = NET) -> Any:
    return examine(text.format(update=update)).measurements["idle"]


def test_the_gradient_of_the_data_is_no_parameters() -> None:
    assert unapplied(NET, ALL) == []


@pytest.mark.parametrize(
    ("update", "found"),
    [("V -= 0.1 * dV; b -= 0.1 * db", [("W", False)]), ("W -= 0.1 * dW; b -= 0.1 * db", [("V", False)])],
)
def test_a_gradient_that_is_left(update: str, found: list[tuple[str, bool]]) -> None:
    assert unapplied(NET, update) == found


def test_an_error_that_reaches_a_layer_of_which_nothing_is_made() -> None:
    text = NET.replace("dV, dW, db, dX = h.T @ d, X.T @ dh, dh.sum(axis=0), dh @ W.T", "dV = h.T @ d")
    assert ("W", True) in unapplied(text, "V -= 0.1 * dV")
    # Without that error nothing tells that the layer should learn.
    assert unapplied(text.replace("dh = d @ V.T * (1 - h ** 2)", ""), "V -= 0.1 * dV") == []


def test_a_filter_whose_gradient_is_left() -> None:
    assert [name for name, _ in unapplied(FILTER, "pass")] == ["k"]
    assert unapplied(FILTER, "k -= 0.1 * dk") == []


def test_nothing_is_trained() -> None:
    found = idle("pass")
    assert set(found.names) == {"W", "b", "V"}
    assert found.again


@pytest.mark.parametrize("update", [ALL, "break", "V = V + 0.1 * rng.normal(size=V.shape); W = 2 * W; b = b + 1"])
def test_rounds_that_change_something_or_are_one(update: str) -> None:
    assert idle(update) is None


def test_a_search_at_random_computes_no_gradient() -> None:
    text = (
        NET.replace("d = 2 * (y - t) / len(X)", "d = y - t").replace("    dh =", "    # ").replace("    dV,", "    # ")
    )
    assert idle("print(loss)", text) is None


SOFTMAX = """\
import numpy as np

rng = np.random.default_rng(5)
X, t = rng.normal(size=(12, 3)), np.eye(3)[rng.integers(0, 3, 12)]
W, b = rng.normal(size=(3, 3)), np.zeros(3)
for step in range(8):
    e = np.exp(X @ W + b)
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.sum(t * np.log(p)) / len(X)
    d = (p - t) / len(X)
    db = {sum}
    W -= 0.5 * X.T @ d
    b -= 0.5 * db
"""


@pytest.mark.parametrize(("summed", "seen"), [("d.sum()", True), ("np.sum(d)", True), ("d.sum(axis=0)", False)])
def test_errors_of_a_softmax_cancel_in_one_sum(summed: str, seen: bool) -> None:
    found: Any = examine(SOFTMAX.replace("{sum}", summed)).measurements["cancelled"]
    assert [(x.errors, x.shape) for x in found] == ([((12, 3), (3,))] if seen else [])
