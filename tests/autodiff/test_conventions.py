"""Ties and zeros, matrices, integers, and what importing the table may pull in."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from bpdoctor.autodiff import PRIMITIVES, bind, unnest, vjp

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # np.matrix


def _pull(name: str, k: int, *operands: object, **static: object) -> object:
    with np.errstate(all="ignore"):
        out = PRIMITIVES[name].function(*operands, **static)
        return vjp(name, k, np.ones(np.shape(out)), out, operands, static)


def _kink(name: str, *operands: object, **static: object) -> bool:
    out = PRIMITIVES[name].function(*operands, **static)
    return bool(np.any(PRIMITIVES[name].kink(out, *operands, **static)))


def test_ties_share_the_cotangent_and_are_reported() -> None:
    x = np.array([1.0, 2.0, 0.0])
    np.testing.assert_array_equal(_pull("maximum", 0, x, 1.0), [0.5, 1.0, 0.0])
    assert _pull("maximum", 1, x, 1.0) == 1.5
    np.testing.assert_array_equal(_pull("max", 0, np.array([3.0, 3.0, 1.0])), [0.5, 0.5, 0.0])
    clipped = _pull("clip", 0, np.array([-1.0, 0.0, 0.5, 1.0, 2.0]), 0.0, 1.0)
    np.testing.assert_array_equal(clipped, [0.0, 0.5, 1.0, 0.5, 0.0])
    assert _kink("maximum", x, 1.0)
    assert not _kink("maximum", x, 0.5)
    assert _kink("max", np.array([3.0, 3.0, 1.0]))
    assert not _kink("max", np.array([3.0, 2.0]))


def test_subgradient_at_zero_is_zero_and_reported() -> None:
    zero = np.zeros(3)
    for name in ("absolute", "linalg.norm", "std", "hypot"):
        operands = (zero, zero) if name == "hypot" else (zero,)
        np.testing.assert_array_equal(_pull(name, 0, *operands), zero)
        assert _kink(name, *operands)


def test_power_of_zero_and_of_negative_bases() -> None:
    np.testing.assert_array_equal(_pull("power", 0, np.array([0.0, -2.0]), 2), [0.0, -4.0])
    np.testing.assert_array_equal(_pull("power", 0, np.array([0.0, -2.0]), 0), [0.0, 0.0])
    np.testing.assert_array_equal(_pull("power", 0, np.array([0, 3]), 1), [1.0, 1.0])
    assert _pull("power", 0, 2, -1) == -0.25
    assert _pull("power", 1, 0.0, 2.0) == 0.0


def test_product_with_zeros() -> None:
    np.testing.assert_array_equal(_pull("prod", 0, np.array([0.0, 2.0, 3.0])), [6.0, 0.0, 0.0])
    np.testing.assert_array_equal(_pull("cumprod", 0, np.array([0.0, 2.0, 3.0])), [9.0, 0.0, 0.0])


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_matrices_keep_their_shapes(axis: int | None) -> None:
    m = np.matrix([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    for name in ("sum", "mean", "max"):
        out = PRIMITIVES[name].function(m, axis=axis)
        pulled = vjp(name, 0, np.ones(np.shape(out)), out, (m,), {"axis": axis})
        assert pulled.shape == (2, 3)
        assert type(pulled) is np.ndarray


def test_products_of_matrices() -> None:
    m, v = np.matrix([[1.0, 2.0], [3.0, 4.0]]), np.matrix([[1.0], [2.0]])
    assert np.asarray(_pull("matmul", 1, m, v)).tolist() == [[4.0], [6.0]]
    assert np.asarray(_pull("multiply", 0, m, m)).tolist() == m.tolist()
    row = m[0]
    assert vjp("getitem", 0, np.ones((1, 2)), row, (m,), {"key": 0}).tolist() == [[1.0, 1.0], [0.0, 0.0]]


def test_integer_operands_do_not_wrap() -> None:
    pixels = np.array([250, 3], dtype=np.uint8)
    np.testing.assert_array_equal(_pull("power", 0, pixels, 2), [500.0, 6.0])
    np.testing.assert_array_equal(_pull("square", 0, pixels), [500.0, 6.0])
    assert np.asarray(_pull("subtract", 1, pixels, 1.0)).tolist() == -2.0


def test_last_write_wins_where_a_key_repeats() -> None:
    x, value = np.zeros(3), np.array([5.0, 6.0])
    np.testing.assert_array_equal(_pull("setitem", 1, x, value, key=[1, 1]), [0.0, 1.0])
    np.testing.assert_array_equal(_pull("add_at", 1, x, value, key=[1, 1]), [1.0, 1.0])


def test_nested_lists_are_leaves() -> None:
    a, b = np.ones(2), np.zeros(2)
    leaves, structure = unnest([a, [1.0, 2.0], b])
    assert leaves[0] is a and leaves[-1] is b
    call = bind(np.array, ([a, [1.0, 2.0], b],), {})
    g = np.arange(6.0).reshape(3, 2)
    assert call.operands == leaves or call.static["structure"] == structure
    pulled = [vjp("array", k, g, g, call.operands, call.static) for k in range(4)]
    assert [np.asarray(p).tolist() for p in pulled] == [[0.0, 1.0], 2.0, 3.0, [4.0, 5.0]]


def test_float_cotangent_of_a_float() -> None:
    assert isinstance(vjp("multiply", 0, 2.0, 6.0, (2.0, 3.0), {}), float)
    assert vjp("divide", 0, 1.0, 0.0, (0.0, np.float32(2.0)), {}) == 0.5


def test_import_brings_numpy_and_nothing_else() -> None:
    probe = (
        "import sys; import bpdoctor.autodiff.binding; "
        "print({m.partition('.')[0] for m in sys.modules} & {'scipy', 'matplotlib', 'rich', 'click'})"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_write_without_a_known_derivative_is_loud() -> None:
    x = np.ones(3)
    call = bind(np.multiply.at, (x, [0], 2.0), {})
    assert call is not None
    assert call.writes is x
    with pytest.raises(NotImplementedError, match="multiply"):
        vjp(call.name, 0, x, x, call.operands, call.static)
