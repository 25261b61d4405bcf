"""Medians, quantiles and levels are NumPy's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bpdoctor.autodiff.ordered import levels, median, quantiles

_RNG = np.random.default_rng(0)
_SAMPLES = [_RNG.normal(size=n) for n in (1, 2, 3, 4, 7, 50)] + [_RNG.integers(0, 4, (5, 3)).astype(float)]


@pytest.mark.parametrize("x", _SAMPLES, ids=lambda x: str(x.shape))
def test_they_are_numpys(x: Any) -> None:
    parts = (0.0, 0.05, 0.5, 0.75, 1.0)
    assert median(x) == np.median(x)
    assert quantiles(x, parts) == pytest.approx(np.quantile(x, parts), rel=1e-12, abs=1e-14)
    assert np.array_equal(levels(x), np.unique(x))


def test_a_value_that_is_no_number_has_no_middle() -> None:
    assert np.isnan(median(np.array([1.0, np.nan, 3.0])))


def test_nothing_has_no_levels() -> None:
    assert levels(np.array([])).size == 0
