"""Arrays and tables that stand for data which is not there; labels follow from the rest, so they can be learned."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from bpdoctor.model.stub import Stub

Array = NDArray[np.float64] | NDArray[np.int64]
_HIDDEN = 4
_NOISE = 0.3
_DIGITS = 5


def array(stub: Stub) -> Array:
    """Make what a stub describes.

    Every sample has a few hidden numbers, which depend on its index alone. All arrays of one program
    are made of them, so that the labels in one file belong to the features in another.
    """
    rows = stub.shape[stub.samples]
    rest = tuple(n for axis, n in enumerate(stub.shape) if axis != stub.samples % len(stub.shape))
    hidden = np.random.default_rng(rows).standard_normal((rows, _HIDDEN))
    if stub.classes and stub.label is None:
        return np.moveaxis(_labels(hidden, stub.classes, rest), 0, stub.samples)
    return np.moveaxis(_features(hidden, stub, rest), 0, stub.samples)


def _features(hidden: NDArray[np.float64], stub: Stub, rest: tuple[int, ...]) -> NDArray[np.float64]:
    width = int(np.prod(rest, dtype=int))
    rng = np.random.default_rng(zlib.crc32(repr((width, stub.name)).encode()))
    mixed = hidden @ rng.standard_normal((_HIDDEN, width)) + _NOISE * rng.standard_normal((len(hidden), width))
    values = 0.5 + 0.5 * np.tanh(mixed)
    if stub.top > 1:
        values = np.rint(values * stub.top)
    if stub.label is not None:
        values[:, stub.label] = _labels(hidden, stub.classes, ())
    return values.reshape(len(hidden), *rest)


def _labels(hidden: NDArray[np.float64], classes: int, rest: tuple[int, ...]) -> Array:
    """The class of every sample, as a number or as a row with one 1."""
    of_class = np.random.default_rng(classes).standard_normal((_HIDDEN, classes))
    numbers = np.argmax(hidden @ of_class, axis=1)
    rows: Array = numbers if rest in ((), (1,)) else np.eye(classes)[numbers]
    return rows.reshape(len(hidden), *rest)


def table(stub: Stub, between: str) -> str:
    """A stub as the text of a file; what is whole is written so."""
    values = array(stub)
    rows = (values.astype(int) if stub.top > 1 else values.round(_DIGITS)).tolist()
    if stub.label is not None:
        for row in rows:
            row[stub.label] = int(row[stub.label])
    lines = [between.join(stub.header)] if stub.header else []
    return "\n".join([*lines, *(str(row)[1:-1].replace(", ", between) for row in rows)]) + "\n"
