"""Parameters in any container as one flat vector, and back: arrays, numbers, lists, tuples, dicts, attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from bpdoctor.model.record import record

Vector = npt.NDArray[np.float64]
Array = npt.NDArray[Any]
Form = Literal["array", "matrix", "list", "scalar", "number"]


@record
class Leaf:
    """One tensor of the parameters, and where it stands in the flat vector."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    start: int
    stop: int
    form: Form

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return self.stop - self.start

    @property
    def where(self) -> slice:
        """Its place in the flat vector."""
        return slice(self.start, self.stop)

    def entry(self, position: int) -> str:
        """The flat position inside the leaf, as the user would index it."""
        if not self.shape:
            return self.name
        index = np.unravel_index(position, self.shape)
        return f"{self.name}[{', '.join(str(int(i)) for i in index)}]"


Build = Callable[[Sequence[Array]], Any]


@record
class Layout:
    """The leaves, and how the user's container is made of them again."""

    leaves: tuple[Leaf, ...]
    build: Build
    origin: Any

    @property
    def size(self) -> int:
        """Length of the flat vector."""
        return self.leaves[-1].stop if self.leaves else 0

    def arrays(self, vector: Array, *, own: bool) -> list[Array]:
        """Return views of the vector, a leaf each; with `own`, in the user's own dtype."""
        pieces = [vector[leaf.where].reshape(leaf.shape) for leaf in self.leaves]
        if own:
            return [piece.astype(leaf.dtype) for piece, leaf in zip(pieces, self.leaves, strict=True)]
        return pieces

    def at(self, position: int) -> tuple[Leaf, int]:
        """Return the leaf that holds a flat position, and the position inside it."""
        leaf = next(leaf for leaf in self.leaves if position < leaf.stop)
        return leaf, position - leaf.start


class NotParameters(TypeError):
    """What was given as parameters cannot be differentiated by."""


def layout_of(params: Any, names: Sequence[str] = (), *, root: str = "params") -> tuple[Layout, Vector]:
    """Flatten the parameters.

    Raises
    ------
    NotParameters
        For complex numbers, integers, and what is not numbers at all.
    """
    leaves: list[Leaf] = []
    values: list[Array] = []

    def add(name: str, array: Array, form: Form) -> Build:
        start = leaves[-1].stop if leaves else 0
        index = len(leaves)
        leaves.append(Leaf(name, array.shape, array.dtype, start, start + array.size, form))
        values.append(array)
        return lambda arrays: _as_given(arrays[index], form)

    build = _walk(params, "", add, root)
    if names:
        if len(names) != len(leaves):
            raise NotParameters(f"{len(names)} names were given for {len(leaves)} parameters")
        leaves = [Leaf(n, x.shape, x.dtype, x.start, x.stop, x.form) for n, x in zip(names, leaves, strict=True)]
    if not leaves or not leaves[-1].stop:
        raise NotParameters("there are no parameters to check")
    vector = np.concatenate([np.asarray(v, dtype=np.float64).ravel() for v in values])
    return Layout(tuple(leaves), build, params), vector


Add = Callable[[str, Array, Form], Build]


def _walk(value: Any, name: str, add: Add, root: str) -> Build:
    """Visit the container in order; return what builds its like from arrays."""
    if isinstance(value, Mapping):
        items = {key: _walk(item, f"{name}.{key}" if name else str(key), add, root) for key, item in value.items()}
        return lambda arrays: {key: build(arrays) for key, build in items.items()}
    if isinstance(value, list | tuple) and not _is_numbers(value):
        builds = [_walk(item, f"{name}[{i}]" if name else f"{root}[{i}]", add, root) for i, item in enumerate(value)]
        make = _maker(value)
        return lambda arrays: make([build(arrays) for build in builds])
    array, form = _leaf(value, name or root)
    return add(name or root, array, form)


def _maker(value: Any) -> Callable[[list[Any]], Any]:
    kind = type(value)
    return (lambda items: kind(*items)) if hasattr(value, "_fields") else kind


def _is_numbers(value: Sequence[Any]) -> bool:
    """A list of plain numbers, or a rectangular list of such lists, is one tensor."""
    if not value or isinstance(value, tuple):
        return False
    if all(isinstance(item, float | int) and not isinstance(item, bool) for item in value):
        return any(isinstance(item, float) for item in value)
    nested = all(isinstance(item, list) and _is_numbers(item) for item in value)
    return nested and len({np.shape(item) for item in value}) == 1


def _leaf(value: Any, name: str) -> tuple[Array, Form]:
    if isinstance(value, float) and not isinstance(value, np.floating):
        return np.asarray(value), "number"
    array = np.asarray(value)
    if array.dtype.kind == "c":
        raise NotParameters(f"`{name}` is complex: only gradients by real parameters are checked")
    if array.dtype.kind in "iub":
        raise NotParameters(f"`{name}` holds integers ({array.dtype}): a small step cannot be taken; use floats")
    if array.dtype.kind != "f":
        raise NotParameters(f"`{name}` is {type(value).__name__}, not numbers")
    if array.dtype.itemsize < 4:
        raise NotParameters(f"`{name}` is {array.dtype}: only float32 and float64 are checked")
    return array, _form(value)


def _form(value: Any) -> Form:
    if isinstance(value, list):
        return "list"
    if isinstance(value, np.matrix):
        return "matrix"
    return "array" if isinstance(value, np.ndarray) else "scalar"


def _as_given(array: Array, form: Form) -> Any:
    if form == "list":
        return array.tolist()
    if form == "number":
        return array.item()
    if form == "scalar":
        return array[()]
    return np.asmatrix(array) if form == "matrix" else array


# ---- the other side: a gradient in a like container


@record
class Missing:
    """Why a leaf has no gradient."""

    text: str


def claims(params: Any, grads: Any) -> Iterator[Any]:
    """Yield the gradient of each leaf, in order; a `Missing` where the containers do not match."""
    if isinstance(params, Mapping):
        for key, item in params.items():
            yield from claims(item, _by_key(grads, key))
    elif isinstance(params, list | tuple) and not _is_numbers(params):
        for i, item in enumerate(params):
            yield from claims(item, _by_index(grads, i, len(params)))
    else:
        yield grads


def _by_key(grads: Any, key: Any) -> Any:
    if isinstance(grads, Missing):
        return grads
    if not isinstance(grads, Mapping):
        return Missing(f"the gradient is {type(grads).__name__}, but the parameters are a dict")
    # `grads["dW1"]` beside `params["W1"]` is as common as the same key.
    for name in (key, f"d{key}", f"d_{key}", f"grad_{key}"):
        if name in grads:
            return grads[name]
    return Missing(f"the gradient has no entry {key!r}")


def _by_index(grads: Any, index: int, count: int) -> Any:
    if isinstance(grads, Missing):
        return grads
    if isinstance(grads, np.ndarray) and grads.dtype != object and count == 1:
        return grads
    if not isinstance(grads, list | tuple | np.ndarray):
        return Missing(f"the gradient is {type(grads).__name__}, but there are {count} parameters")
    if len(grads) != count:
        return Missing(f"there are {count} parameters, but {len(grads)} gradients")
    return grads[index]
