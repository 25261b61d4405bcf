"""The check of the rows is itself checked: a wrong derivative must not pass."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from derivative_check import check_row

from bpdoctor.autodiff import PRIMITIVES, Sample

# row, operand, the planted derivative made from the right one
PLANTED: list[tuple[str, int, Callable[[Any], Any]]] = [
    ("tanh", 0, lambda right: lambda g, out, x: g * (1.0 - out)),
    ("tanh", 0, lambda right: lambda g, out, x: right(g, out, x) * (1.0 + 1e-6)),
    ("multiply", 1, lambda right: lambda g, out, x, y: g * y),
    ("divide", 1, lambda right: lambda g, out, x, y: g * out / y),
    ("matmul", 0, lambda right: lambda g, out, x, y: np.zeros(np.shape(x))),
    ("matmul", 1, None),
    ("sum", 0, lambda right: lambda g, out, x, **static: right(g, out, x, **static) / np.size(x)),
    ("getitem", 0, lambda right: lambda g, out, x, key: np.ones(np.shape(x))),
    ("maximum", 0, lambda right: lambda g, out, x, y: g),
    ("setitem", 0, lambda right: lambda g, out, x, value, key: g),
    ("transpose", 0, lambda right: lambda g, out, x, axes=None: np.reshape(g, np.shape(x))),
    ("linalg.inv", 0, lambda right: lambda g, out, x: -out @ g @ out),
]


@pytest.mark.parametrize(("name", "argnum", "plant"), PLANTED)
def test_planted_fault_is_caught(
    name: str, argnum: int, plant: Callable[[Any], Any] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = PRIMITIVES[name]
    vjps = list(row.vjps)
    vjps[argnum] = plant(vjps[argnum]) if plant else None
    monkeypatch.setitem(PRIMITIVES, name, dataclasses.replace(row, vjps=tuple(vjps)))
    rng = np.random.default_rng(0)
    assert any(check_row(name, sample, rng) for sample in row.domain(rng))


def test_wrong_shape_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    row = PRIMITIVES["sum"]
    wrong = dataclasses.replace(row, vjps=(lambda g, out, x, **static: np.ones((5, 5)),))
    monkeypatch.setitem(PRIMITIVES, "sum", wrong)
    with pytest.raises(ValueError, match="broadcast"):
        check_row("sum", Sample((np.ones((2, 3)),), {}), np.random.default_rng(0))


def test_missing_complex_step_does_not_hide_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    row = PRIMITIVES["absolute"]
    monkeypatch.setitem(PRIMITIVES, "absolute", dataclasses.replace(row, vjps=(lambda g, out, x: g,)))
    assert check_row("absolute", Sample((np.array([-1.0, 2.0]),), {}), np.random.default_rng(0))


def test_step_called_smooth_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    row = PRIMITIVES["exp"]
    monkeypatch.setitem(PRIMITIVES, "exp", dataclasses.replace(row, vjps=(), differentiable=False))
    assert check_row("exp", Sample((0.5,), {}), np.random.default_rng(0))
