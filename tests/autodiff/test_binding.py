"""Every spelling of a call reaches the same primitive, with the user's own objects as operands."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from elementwise_spellings import ELEMENTWISE, SCIPY, WRITES
from spellings import PRODUCTS, REDUCTIONS, SHAPES, Spelling

from bpdoctor.autodiff import PRIMITIVES, bind, expand, is_known_constant_maker
from bpdoctor.autodiff.binding import _BINDERS
from bpdoctor.autodiff.bindings import methods

pytestmark = [
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),  # np.matrix
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # np.row_stack
]

ALL = [
    (name, spelling)
    for table in (REDUCTIONS, PRODUCTS, SHAPES, ELEMENTWISE, SCIPY, WRITES)
    for name, spellings in table.items()
    for spelling in spellings
]


def _given(value: Any) -> list[Any]:
    """List an argument and everything in it."""
    if isinstance(value, (list, tuple)):
        return [value, *(x for part in value for x in _given(part))]
    return [value]


def _value(call: Any) -> Any:
    return PRIMITIVES[call.name].function(*call.operands, **call.static)


@pytest.mark.parametrize(("name", "spelling"), ALL, ids=lambda part: part if isinstance(part, str) else "")
def test_spelling_binds_to_the_row_that_computes_the_same(name: str, spelling: Spelling) -> None:
    func, args, kwargs = spelling
    call = bind(func, args, kwargs)
    assert call is not None
    assert call.name == name
    owned = _given(args) + _given(tuple(kwargs.values())) + [getattr(func, "__self__", None)]
    for operand in call.operands:
        assert any(operand is x for x in owned) or operand is args or (operand is None or operand == 0)
    expected = np.array(_value(call))  # before the call, which may write to its operands
    result = func(*args, **kwargs) if callable(func) else func[args]
    if call.writes is not None:
        assert any(call.writes is x for x in owned)
        result = call.writes
    assert np.shape(expected) == np.shape(result)
    np.testing.assert_allclose(np.asarray(expected, float), np.asarray(result, float), rtol=1e-6, atol=1e-12)


def test_every_function_the_binder_knows_is_spelled_here() -> None:
    spelled = {getattr(func, "__func__", func) for _, (func, _, _) in ALL if _hashable(func)}
    missing = {func for func in _BINDERS if func not in spelled and not isinstance(func, np.ufunc)}
    assert sorted(getattr(func, "__name__", repr(func)) for func in missing) == []


@pytest.mark.parametrize("ufunc", [func for func in _BINDERS if isinstance(func, np.ufunc) and func.nout == 1])
def test_every_ufunc_reaches_a_row_of_its_own(ufunc: np.ufunc) -> None:
    if ufunc.__name__ in {"erf", "expit"}:
        return
    operands = (np.array([1, 2]), np.array([3, 2]))[: ufunc.nin]
    if not any(kind.startswith("l" * ufunc.nin) for kind in ufunc.types):
        operands = tuple(0.1 + x / 4.0 + (ufunc is np.arccosh) for x in operands)
    call = bind(ufunc, operands, {})
    np.testing.assert_allclose(np.asarray(_value(call), float), np.asarray(ufunc(*operands), float))


def test_every_method_the_binder_knows_is_spelled_here() -> None:
    spelled = {func.__name__ for _, (func, _, _) in ALL if hasattr(func, "__self__")}
    known = (set(methods.SIGNATURES) | set(methods.SPECIAL)) - {"ptp"}  # no longer a method in NumPy 2
    assert {name for name in known - spelled if not name.startswith("__")} == set()


def _hashable(func: Any) -> bool:
    try:
        hash(func)
    except TypeError:
        return False
    return True


X = np.arange(6.0).reshape(2, 3)


@pytest.mark.parametrize(
    "spelling",
    [
        (np.sum, (X,), {"where": X > 1}),
        (np.sum, (X,), {"initial": 3.0}),
        (np.sum, (X,), {"dtype": int}),
        (np.sum, (), {}),
        (np.sum, (X, 0, None, None, False, 0, True, 9), {}),
        (np.sum, (X,), {"a": X}),
        (np.add, (X,), {}),
        (np.exp, (X,), {"where": X > 1}),
        (np.vectorize(lambda v: v), (X,), {}),
        (np.apply_along_axis, (np.sum, 0, X), {}),
        (np.linalg.svd, (X,), {}),
        (np.array, ([X, X],), {"dtype": object}),
        (np.concatenate, (3,), {}),
        (sum, ([[1], [2]], []), {}),
        (max, (["a", "b"],), {"key": len}),
        (max, ([[1, 2], [0, 3]],), {}),
        (float, ("1.5",), {}),
        (X.tobytes, (), {}),
        (lambda v: v, (X,), {}),
        ([].append, (X,), {}),
        ({}, (), {}),
        (None, (), {}),
        (np.nanmean, (X,), {"no_such": 1}),
        (X.astype, (str,), {}),
    ],
)
def test_what_is_not_known_is_none(spelling: Spelling) -> None:
    func, args, kwargs = spelling
    call = bind(func, args, kwargs)
    if func is sum:  # an error of Python's, bound to no array operation
        assert call is None or call.name == "array-sum"
    elif func is np.add:
        assert call is None or len(call.operands) == 1
    else:
        assert call is None


def test_where_true_is_the_default_and_binds() -> None:
    assert bind(np.exp, (X,), {"where": True}) is not None


@pytest.mark.parametrize(
    ("func", "args", "kwargs"),
    [
        (np.split, (X, 3, 1), {}),
        (np.split, (X, [1, 2]), {"axis": 1}),
        (np.split, (X, [2, 1]), {"axis": 1}),
        (np.split, (X, [-1, 9]), {"axis": 1}),
        (np.array_split, (X, 2), {"axis": 1}),
        (np.hsplit, (X, 3), {}),
        (np.hsplit, (X[0], [1]), {}),
        (np.vsplit, (X, 2), {}),
        (np.dsplit, (X[None], 3), {}),
        (np.meshgrid, (X[0], X[1]), {}),
        (np.meshgrid, (X[0], X[1], X[0]), {"indexing": "ij"}),
        (np.broadcast_arrays, (X, X[0], 2.0), {}),
        (divmod, (7.5, 2.0), {}),
        (np.divmod, (X, 2.0), {}),
        (np.nonzero, (X,), {}),
        (np.where, (X,), {}),
        (X.nonzero, (), {}),
        (np.atleast_2d, (X, 1.0), {}),
    ],
)
def test_expand_gives_each_returned_array_its_own_call(func: Any, args: Any, kwargs: Any) -> None:
    result = func(*args, **kwargs)
    pairs = expand(func, args, kwargs, result)
    assert pairs is not None
    assert len(pairs) == len(result)
    for (piece, call), returned in zip(pairs, result, strict=True):
        assert piece is returned
        np.testing.assert_array_equal(_value(call), piece)


def test_tolist_is_one_call_for_each_number() -> None:
    result = X.tolist()
    pairs = expand(X.tolist, (), {}, result)
    assert [piece for piece, _ in pairs] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert all(_value(call) == piece and call.operands[0] is X for piece, call in pairs)


@pytest.mark.parametrize("func", [np.linalg.svd, np.sum, print, None, {}, X.sum])
def test_expand_leaves_others_alone(func: Any) -> None:
    assert expand(func, (X,), {}, (X, X)) is None


def test_constant_makers() -> None:
    makers = [
        np.zeros,
        np.ones_like,
        np.arange,
        np.random.randn,
        np.random.default_rng(0).normal,
        len,
        np.shape,
    ]
    assert all(is_known_constant_maker(func) for func in makers)
    others = [np.sum, np.full, np.random.shuffle, np.random.permutation, X.sum, {}, None, np.random.choice]
    assert not any(is_known_constant_maker(func) for func in others)


def test_shuffles_are_read_off_their_result() -> None:
    from bpdoctor.autodiff import vjp

    rng = np.random.default_rng(3)
    before = rng.normal(size=(5, 2))
    for func in (rng.permutation, np.random.RandomState(1).permutation):
        call = bind(func, (before,), {})
        after = func(before)
        assert call.name == "shuffle" and call.writes is None
        np.testing.assert_array_equal(vjp("shuffle", 0, after, after, (before,), call.static), before)
    array = before.copy()
    call = bind(np.random.shuffle, (array,), {})
    assert call.writes is array
    assert bind(rng.permutation, (10,), {}) is None
