"""Frames between grader and submission: a JSON header and raw arrays. Nothing here can run code.

What comes from the child is whatever a hostile program wishes: every length, type and shape is checked.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bpdoctor.model.record import record

Array = NDArray[Any]
HEAD = struct.Struct("<4sIQ")
MAGIC = b"bpd1"
HEADER_LIMIT = 1 << 20
BODY_LIMIT = 64 << 20
_DEPTH = 8
_WIDTH = 4096
_DTYPES = frozenset(
    np.dtype(c).str for c in ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16")
)


# By their exact types: a subclass may be anything.
_FLOATS = frozenset({float, np.float64, np.float32})
_INTEGERS = frozenset({int, np.int64, np.int32})


class Malformed(Exception):
    """The other side sent what is no frame."""


@record
class Opaque:
    """An object that stays in the child: only its type's name is told."""

    type_name: str


@record
class Reference:
    """An object that a child keeps, or a part of it."""

    key: str
    steps: tuple[Any, ...] = ()


def pack(header: dict[str, Any], arrays: Sequence[Array] = ()) -> bytes:
    """Return one frame."""
    header = {**header, "arrays": [[a.dtype.str, list(a.shape)] for a in arrays]}
    text = json.dumps(header).encode()
    body = b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)
    return HEAD.pack(MAGIC, len(text), len(body)) + text + body


def fits(frame: bytes) -> bool:
    """Say whether the other side will read the frame."""
    _, header, body = HEAD.unpack_from(frame)
    return bool(header <= HEADER_LIMIT and body <= BODY_LIMIT)


def sizes(head: bytes) -> tuple[int, int]:
    """Return the lengths of header and body that a frame's head announces."""
    magic, header, body = HEAD.unpack(head)
    if magic != MAGIC or header > HEADER_LIMIT or body > BODY_LIMIT:
        raise Malformed("no frame, or one that is too large")
    return header, body


def unpack(text: bytes, body: bytes) -> tuple[dict[str, Any], list[Array]]:
    """Return the header and the arrays of a frame."""
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise Malformed("a header that is no JSON") from problem
    described = header.get("arrays") if isinstance(header, dict) else None
    if not isinstance(described, list):
        raise Malformed("a header without arrays")
    arrays, at = [], 0
    for entry in described:
        dtype, shape = _described(entry)
        size = dtype.itemsize * math.prod(shape)
        if at + size > len(body):
            raise Malformed("an array longer than its frame")
        arrays.append(np.frombuffer(body, dtype, math.prod(shape), at).reshape(shape))
        at += size
    if at != len(body):
        raise Malformed("bytes that belong to no array")
    return header, arrays


def _described(entry: Any) -> tuple[np.dtype[Any], tuple[int, ...]]:
    pair = isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str) and isinstance(entry[1], list)
    if not pair or entry[0] not in _DTYPES:
        raise Malformed("an array of a kind that is not carried")
    shape = entry[1]
    if len(shape) > 16 or not all(type(n) is int and 0 <= n <= BODY_LIMIT for n in shape):
        raise Malformed("an array without a shape")
    return np.dtype(entry[0]), tuple(shape)


def tree(value: Any, arrays: list[Array], depth: int = 0) -> Any:
    """Write a value as JSON; arrays are put aside, in order. What has no place becomes opaque."""
    if value is None or (isinstance(value, bool | str) and len(str(value)) < HEADER_LIMIT // 8):
        return {"v": value}
    if isinstance(value, np.ndarray | np.generic):
        return _array(value, arrays)
    if isinstance(value, int):
        return {"v": int(value)} if -(2**63) <= value < 2**63 else {"o": "int"}
    if isinstance(value, float):
        return {"f": float(value).hex()}
    if isinstance(value, list) and _numbers(value):
        return _array(np.asarray(value), arrays)
    if isinstance(value, Reference):
        return {"r": [value.key, *value.steps]}
    if isinstance(value, list | tuple) and depth < _DEPTH and len(value) <= _WIDTH:
        return {"t" if isinstance(value, tuple) else "l": [tree(v, arrays, depth + 1) for v in value]}
    if isinstance(value, dict) and depth < _DEPTH and len(value) <= _WIDTH:
        return {"d": [[str(k), tree(v, arrays, depth + 1)] for k, v in value.items()]}
    return {"o": type(value).__name__[:80]}


def _numbers(value: Any) -> bool:
    """Say whether it is a matrix as plain Python writes it: lists of numbers, all of one length."""
    leaves = value
    for _ in range(_DEPTH):
        if not leaves or not all(type(v) is list for v in leaves):
            break
        if len({len(v) for v in leaves}) != 1 or len(leaves) * len(leaves[0]) > BODY_LIMIT // 8:
            return False
        leaves = [x for v in leaves for x in v]
    return bool(leaves) and all(type(v) in _FLOATS or (type(v) in _INTEGERS and abs(v) < 2**63) for v in leaves)


def _array(value: Any, arrays: list[Array]) -> Any:
    plain = np.asarray(value)
    if plain.dtype.newbyteorder("<").str not in _DTYPES and plain.dtype.str not in _DTYPES:
        return {"o": f"array of {plain.dtype}"[:80]}
    if plain.nbytes + sum(a.nbytes for a in arrays) > BODY_LIMIT:
        return {"o": "array that is too large"}
    arrays.append(np.ascontiguousarray(plain, plain.dtype.newbyteorder("<")).reshape(plain.shape))
    return {"a": len(arrays) - 1}


def value(written: Any, arrays: Sequence[Array], depth: int = 0) -> Any:
    """Read a value that `tree` wrote."""
    if not isinstance(written, dict) or len(written) != 1 or depth > _DEPTH + 1:
        raise Malformed("a value that is none")
    kind, content = next(iter(written.items()))
    if kind == "v" and (content is None or isinstance(content, bool | str | int)):
        return content
    if kind == "f" and isinstance(content, str):
        try:
            return float.fromhex(content)
        except (ValueError, OverflowError):
            raise Malformed("a number that is none") from None
    if kind == "a" and type(content) is int and 0 <= content < len(arrays):
        return arrays[content]
    if kind == "r" and isinstance(content, list) and content and all(isinstance(c, str | int) for c in content):
        return Reference(str(content[0])[:80], tuple(content[1:]))
    if kind in ("t", "l") and isinstance(content, list):
        return tuple(value(v, arrays, depth + 1) for v in content)
    if kind == "d" and isinstance(content, list) and all(isinstance(p, list) and len(p) == 2 for p in content):
        return {str(k): value(v, arrays, depth + 1) for k, v in content}
    if kind == "o" and isinstance(content, str):
        return Opaque(content[:80])
    raise Malformed("a value that is none")


def portable(value: Any, at: Reference) -> Any:
    """Return a value in which every object that stayed behind is a reference to where it stands."""
    if isinstance(value, Opaque):
        return at
    if isinstance(value, tuple):
        return tuple(portable(v, Reference(at.key, (*at.steps, i))) for i, v in enumerate(value))
    if isinstance(value, dict):
        return {k: portable(v, Reference(at.key, (*at.steps, k))) for k, v in value.items()}
    return value
