"""What is proposed at a place: windows, layouts, neighbours, and the derivative of a normalisation."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from bpdoctor.fix.indices import as_argument, windows
from bpdoctor.fix.items import items_beside
from bpdoctor.fix.layouts import laid_out
from bpdoctor.fix.scope import Term
from bpdoctor.fix.spread import level, through_normalisation
from bpdoctor.fix.writing import Text


def expression(text: Text, line: int, kind: type[ast.expr]) -> ast.expr:
    return next(n for n in ast.walk(text.tree) if isinstance(n, kind) and n.lineno == line)


@pytest.mark.parametrize(
    ("index", "argument"),
    [
        (":, k, i", "(slice(None), k, i)"),
        ("rows", "rows"),
        ("2:n, ::2", "(slice(2, n), slice(None, None, 2))"),
        (":n", "slice(n)"),
    ],
)
def test_an_index_as_an_argument(index: str, argument: str) -> None:
    node = ast.parse(f"a[{index}]", mode="eval").body
    assert isinstance(node, ast.Subscript)
    assert as_argument(node.slice, ast.unparse) == argument
    a, b = np.zeros((6, 7)), np.zeros((6, 7))
    names = {"k": 1, "i": 2, "n": 4, "rows": np.array([0, 3])}
    if index.count(",") < 2:
        exec(f"a[{index}] += 1", {"a": a, **names})
        np.add.at(b, eval(argument, names), 1)
        assert np.array_equal(a, b)


def test_the_window_of_the_next_line() -> None:
    text = Text("g += x[:, i:i + n]\nd[:, s * i:s * i + n] += w\nq = x[0]\n")
    node = expression(text, 1, ast.Subscript)
    assert isinstance(node, ast.Subscript)
    assert [new for _, _, new in windows(node, text)] == ["x[:, s * i:s * i + n]"]


@pytest.mark.parametrize("call", ["d.reshape(n, a, b)", "d.reshape((n, a, b))", "d.reshape(h.shape)"])
def test_another_layout_has_the_same_shape(call: str) -> None:
    text = Text(call)
    names = {"d": np.arange(24.0).reshape(4, 6), "n": 4, "a": 3, "b": 2, "h": np.zeros((4, 3, 2))}
    node = text.tree.body[0].value  # type: ignore[attr-defined]
    found = [new for _, _, new in laid_out(node, text, lambda n: np.shape(eval(ast.unparse(n), dict(names))))]
    values = [eval(new, dict(names)) for new in found]
    assert all(np.shape(v) == (4, 3, 2) for v in values)
    assert any(np.array_equal(v, names["d"].reshape(4, 2, 3).transpose(0, 2, 1)) for v in values)  # type: ignore[attr-defined]


def test_a_reshape_for_a_transposition() -> None:
    text = Text("x.reshape(3, 5)")
    node = text.tree.body[0].value  # type: ignore[attr-defined]
    shapes = {"x.reshape(3, 5)": (3, 5), "x": (5, 3)}
    found = laid_out(node, text, lambda n: shapes.get(ast.unparse(n)))
    assert next(new for _, _, new in found) == "x.T"


def test_items_of_the_step_beside_and_of_other_lists() -> None:
    found = items_beside(["hs[t + 1]", "w"], {"hs": [1], "zs": [2], "w": 3})
    assert {"hs[t]", "hs[t + 2]", "zs[t + 1]"} == set(found)


def test_what_is_fixed_is_less_likely() -> None:
    found = items_beside(["hs[-k]", "hs[-1]"], {"hs": [1], "zs": [2]})
    assert found["zs[-1]"] > found["zs[-k]"]


def test_back_through_a_normalisation() -> None:
    """The formula that is proposed is the derivative by differences."""
    rng = np.random.default_rng(7)
    x, d = rng.normal(size=(9, 4)), rng.normal(size=(9, 4))

    def normalised(x: np.ndarray) -> np.ndarray:
        return np.asarray((x - x.mean(axis=0)) / x.std(axis=0))

    wanted = np.zeros_like(x)
    for at in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[at] = 1e-5
        wanted[at] = np.sum(d * (normalised(x + step) - normalised(x - step))) / 2e-5
    exact = (d - d.mean(axis=0) - normalised(x) * (d * normalised(x)).mean(axis=0)) / x.std(axis=0)
    assert exact == pytest.approx(wanted, rel=1e-6, abs=1e-8)
    terms = [Term("d", d), Term("xn", normalised(x)), Term("std", x.std(axis=0))]
    found = [t.text for t in through_normalisation(exact, terms)]
    assert found == ["(d - d.mean(axis=0) - xn * (d * xn).mean(axis=0)) / std"]


def test_what_is_the_same_along_an_axis() -> None:
    row = np.arange(4.0)
    assert level(np.broadcast_to(row, (3, 4)))
    assert not level(row[:, None] * row)
