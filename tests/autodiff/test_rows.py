"""Every row of the table, on every sample of its domain."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from derivative_check import check_row

from bpdoctor.autodiff import PRIMITIVES, vjp

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # np.matrix


def _rng(name: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(name.encode()))


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_derivative_agrees_with_differences_and_complex_step(name: str) -> None:
    domain = PRIMITIVES[name].domain
    assert domain is not None, f"{name} has no sample domain"
    rng = _rng(name)
    drawn = domain(rng)
    assert drawn or name == "ufunc-at", f"{name} has an empty domain"
    for number, sample in enumerate(drawn):
        assert check_row(name, sample, rng) == [], f"sample {number}: {sample.static}"


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_row_says_how_each_operand_is_differentiated(name: str) -> None:
    row = PRIMITIVES[name]
    assert not (row.vjps and row.variadic)
    assert bool(row.vjps or row.variadic) == row.differentiable


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_cotangent_is_double_precision_for_single_precision_operands(name: str) -> None:
    rng = _rng(name)
    for sample in PRIMITIVES[name].domain(rng):
        operands = tuple(
            x.astype(np.float32) if isinstance(x, np.ndarray) and x.dtype == float else x for x in sample.operands
        )
        out = PRIMITIVES[name].function(*operands, **sample.static)
        for k, x in enumerate(operands):
            g = 1.5 if np.ndim(out) == 0 else np.full(np.shape(out), 1.5)
            with np.errstate(all="ignore"):
                pulled = vjp(name, k, g, out, operands, sample.static)
            if isinstance(x, np.ndarray) and pulled is not None:
                assert np.asarray(pulled).dtype == np.float64
                assert np.shape(pulled) == np.shape(x)


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_nothing_is_written_to(name: str) -> None:
    rng = _rng(name)
    for sample in PRIMITIVES[name].domain(rng):
        out = PRIMITIVES[name].function(*sample.operands, **sample.static)
        g = np.ones(np.shape(out))
        before = [np.array(x, copy=True) for x in (g, out, *sample.operands)]
        with np.errstate(all="ignore"):
            for k in range(len(sample.operands)):
                vjp(name, k, g, out, sample.operands, sample.static)
        for old, new in zip(before, (g, out, *sample.operands), strict=True):
            assert np.array_equal(old, np.array(new), equal_nan=np.asarray(old).dtype.kind == "f")
