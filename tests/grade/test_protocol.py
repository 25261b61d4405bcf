"""Frames: what goes in comes out, and no bytes whatever do more than be refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpdoctor.grade import protocol
from bpdoctor.grade.protocol import HEAD, Malformed, Opaque, pack, sizes, tree, unpack, value


def carried(thing: Any) -> Any:
    arrays: list[protocol.Array] = []
    header = {"value": tree(thing, arrays)}
    frame = pack(header, arrays)
    head, body = sizes(frame[: HEAD.size])
    told, out = unpack(frame[HEAD.size : HEAD.size + head], frame[HEAD.size + head :])
    assert HEAD.size + head + body == len(frame)
    return value(told["value"], out)


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "u1", "?", "c16", ">f8", "f2"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0), (2, 3, 4)])
def test_arrays(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    found = carried(array)
    assert found.shape == shape
    assert np.array_equal(found, array)


def test_views_are_carried_by_their_values() -> None:
    array = np.arange(12.0).reshape(3, 4)
    assert np.array_equal(carried(array.T[::-1]), array.T[::-1])
    assert np.array_equal(carried(np.asfortranarray(array)), array)


def test_structures() -> None:
    assert carried((1, None, True, "x", {"a": (0.1, -0.0, float("inf"))})) == (
        1,
        None,
        True,
        "x",
        {"a": (0.1, 0.0, float("inf"))},
    )
    assert math.isnan(carried(float("nan")))
    assert carried(object()) == Opaque("object")
    assert carried(2**70) == Opaque("int")
    assert carried(np.array(["x"], dtype=object)) == Opaque("array of object")


def test_matrices_of_plain_python() -> None:
    assert np.array_equal(carried([[1.0, 2], [3, 4]]), [[1, 2], [3, 4]])
    assert isinstance(carried([np.ones(2), np.ones(2)]), tuple)
    assert isinstance(carried([[1.0], [1.0, 2.0]]), tuple)
    loop: list[Any] = []
    loop.append(loop)
    assert isinstance(carried(loop), tuple)


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes(data: bytes) -> None:
    try:
        head, _ = sizes(data[: HEAD.size].ljust(HEAD.size, b"\0"))
        told, arrays = unpack(data[HEAD.size :][:head], data)
        value(told.get("value"), arrays)
    except Malformed:
        pass


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from("avtdrlfo") | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=20,
)


@given(json, json)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_header(written: Any, described: Any) -> None:
    import json as text

    try:
        told, arrays = unpack(text.dumps({"value": written, "arrays": described}).encode(), b"\0" * 64)
        value(told["value"], arrays)
    except Malformed:
        pass
