"""Files whose name alone tells what is in them: the handwritten digits and the irises that half of all lessons use.

The layouts are those of the MNIST database (big-endian magic number, sizes, then bytes), of the pickle of
"Neural Networks and Deep Learning" (three pairs of images and labels) and of the UCI repository.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bpdoctor.model.record import record
from bpdoctor.model.stub import Stub
from bpdoctor.observe.synthetic import array

_FEW, _SIDE, _DIGITS = 1000, 28, 10


@record
class Known:
    """The bytes of a file, and what they are in a few words."""

    data: bytes
    told: str


def known_bytes(name: str) -> Known | None:
    """The bytes that stand for a well-known file; None for any other."""
    for pattern, make in _KNOWN:
        if re.search(pattern, name.lower()):
            known = make()
            return Known(_zipped(known.data), known.told) if name.lower().endswith(".gz") else known
    return None


def images(rows: int) -> NDArray[np.float64]:
    """Rows of 784 numbers from 0 to 255."""
    return np.asarray(array(Stub("digits", (rows, _SIDE * _SIDE), top=255.0)), dtype=float)


def digits(rows: int) -> NDArray[np.int64]:
    """Labels that go with the images."""
    return np.asarray(array(Stub("labels", (rows,), classes=_DIGITS)), dtype=np.int64)


def _zipped(data: bytes) -> bytes:
    import gzip

    return gzip.compress(data, 1)


def _image_file() -> Known:
    head = struct.pack(">IIII", 2051, _FEW, _SIDE, _SIDE)
    return Known(head + images(_FEW).astype(np.uint8).tobytes(), f"{_FEW} synthetic images of 28 x 28 stand for it")


def _label_file() -> Known:
    head = struct.pack(">II", 2049, _FEW)
    return Known(head + digits(_FEW).astype(np.uint8).tobytes(), f"{_FEW} synthetic labels 0 to 9 stand for it")


def _pickled() -> Known:
    import pickle

    sizes = (_FEW, _FEW // 5, _FEW // 5)
    sets = tuple(((images(n) / 255).astype(np.float32), digits(n)) for n in sizes)
    return Known(
        pickle.dumps(sets, 2), f"{_FEW}, {_FEW // 5} and {_FEW // 5} synthetic images with labels stand for it"
    )


def _irises() -> Known:
    values = np.asarray(array(Stub("iris", (150, 4), top=8.0)))
    kinds = np.array(("Iris-setosa", "Iris-versicolor", "Iris-virginica"))
    named = kinds[np.asarray(array(Stub("iris kinds", (150,), classes=3)), dtype=int)]
    lines = [",".join([*(f"{v:.1f}" for v in row), kind]) for row, kind in zip(values, named, strict=True)]
    return Known(("\n".join(lines) + "\n").encode(), "150 synthetic flowers of three kinds stand for it")


_KNOWN: tuple[tuple[str, Callable[[], Known]], ...] = (
    (r"images[.-]idx3-ubyte(\.gz)?$", _image_file),
    (r"labels[.-]idx1-ubyte(\.gz)?$", _label_file),
    (r"mnist\.pkl(\.gz)?$", _pickled),
    (r"\biris\.data$", _irises),
)
