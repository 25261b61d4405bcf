"""What can be done wrongly at one step of the reverse sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from bpdoctor.autodiff.registry import unbroadcast, vjp
from bpdoctor.diagnose.reads import gathers
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST

Edge = tuple[int, int, int]
Change = Callable[[Any, Any], Any]
SCALING = frozenset({"multiply", "divide", "power", "sqrt"})
MATRIX = frozenset({"matmul", "dot"})
TURNING = frozenset({"transpose", "swapaxes", "moveaxis", "rollaxis", "matrix_transpose"})
EXTREMES = frozenset({"max", "fmax", "maximum"})


@record(eq=False)
class Mistake:
    """A name, and for each link ``change(cotangent, pull)``: what is passed on instead.

    `node` is the one that multiplies by what is forgotten, where that is not the link's own.
    """

    name: str
    edges: dict[tuple[int, int], Change]
    node: int = CONST


def mistakes(tape: Any, layer: str, edges: list[Edge], mask: Any) -> Iterator[Mistake]:
    """Everything that can be done wrongly at a class of links."""
    m, _, s = edges[0]
    prim = tape.nodes[m].prim
    if layer == "clip":
        yield Mistake(
            "passed straight through", {(k, j): partial(_plain, np.shape(tape.values[t])) for k, j, t in edges}
        )
        return
    yield _all("left out", edges, lambda g, pull: None)
    shape = np.shape(tape.values[s])
    if prim in SCALING or (prim in MATRIX and shape == np.shape(tape.values[m])):
        yield Mistake("factor left out", {(k, j): partial(_plain, np.shape(tape.values[t])) for k, j, t in edges})
    if prim in MATRIX and all(_square(tape, k, 1 - j) for k, j, _ in edges):
        yield Mistake("not transposed", {(k, j): partial(_unturned, tape, k, j) for k, j, _ in edges})
    if prim in TURNING:
        yield Mistake("reshaped", {(k, j): partial(_reshaped, np.shape(tape.values[t])) for k, j, t in edges})
    if prim in EXTREMES and np.size(tape.values[s]) > np.size(tape.values[m]):
        yield from _of_extremes(tape, edges)
    if layer == "mask" and mask is None:
        yield _all("applied twice", edges, lambda g, pull: pull(pull(g)))
    elif layer == "mask":
        yield _all("scale left out", edges, lambda g, pull: g * (mask > 0))
        yield _all("applied twice", edges, lambda g, pull: pull(g * mask))
        yield _all("divided by its scale", edges, lambda g, pull: pull(g) / max(mask.max() ** -1, 1e-300))
        yield _all("its scale divided out twice", edges, lambda g, pull: pull(g) / mask.max() ** 2)
    yield from _overwritten(tape, edges)
    yield from _axes(layer, edges, np.ndim(tape.values[m]))


def _all(name: str, edges: list[Edge], change: Change) -> Mistake:
    return Mistake(name, {(m, i): change for m, i, _ in edges})


def _plain(shape: tuple[int, ...], g: Any, pull: Any) -> Any:
    out = unbroadcast(np.asarray(g), shape)
    return out if np.shape(out) == shape else None


def _reshaped(shape: tuple[int, ...], g: Any, pull: Any) -> Any:
    return np.reshape(g, shape)


def _square(tape: Any, m: int, i: int) -> bool:
    """Whether an operand fits its place both ways."""
    node = tape.nodes[m]
    shape = np.shape(node.consts[i] if node.inputs[i] == CONST else tape.values[node.inputs[i]])
    return len(shape) > 1 and shape[-1] == shape[-2]


def _unturned(tape: Any, m: int, i: int, g: Any, pull: Any) -> Any:
    """``g @ W`` for ``g @ W.T``."""
    node = tape.nodes[m]
    operands = [c if s == CONST else tape.values[s] for s, c in zip(node.inputs, node.consts, strict=True)]
    operands[1 - i] = np.swapaxes(np.asarray(operands[1 - i], dtype=np.float64), -1, -2)
    try:
        out = vjp(node.prim, i, g, tape.values[m], tuple(operands), node.static)
    except Exception:  # the turned operand fits only where it is square
        return None
    return out if np.shape(out) == np.shape(operands[i]) else None


def _of_extremes(tape: Any, edges: list[Edge]) -> Iterator[Mistake]:
    def spread(m: int, s: int, share: bool, g: Any, pull: Any) -> Any:
        x, static = np.asarray(tape.values[s]), tape.nodes[m].static
        axis = static.get("axis")
        if axis is not None and not static.get("keepdims"):
            g = np.expand_dims(g, axis)
        out = np.broadcast_to(g, x.shape)
        return out / (x.size / np.size(tape.values[m])) if share else out

    def largest(m: int, s: int, g: Any, pull: Any) -> Any:
        x = np.asarray(tape.values[s])
        return spread(m, s, False, g, pull) * (x == x.max())

    for name, share in (("spread evenly", True), ("not masked", False)):
        yield Mistake(name, {(m, i): partial(spread, m, s, share) for m, i, s in edges})
    if any(np.size(tape.values[m]) > 1 for m, _, _ in edges):
        # Over all samples and channels, not in each window.
        yield Mistake("masked with the largest entry of all", {(m, i): partial(largest, m, s) for m, i, s in edges})


# ---- what is read more than once


def _overwritten(tape: Any, edges: list[Edge]) -> Iterator[Mistake]:
    """Contributions that are assigned, not added: where they overlap only one survives."""
    repeated = any(gathers(tape.nodes[m]) for m, _, _ in edges)
    by_source: dict[int, list[Edge]] = {}
    for edge in edges:
        by_source.setdefault(edge[2], []).append(edge)
    if not repeated and all(len(v) == 1 for v in by_source.values()):
        return
    for name, order in (("overwritten", -1), ("overwritten in reverse", 1)):
        kept: dict[tuple[int, int], Change] = {}
        for s, members in by_source.items():
            taken = np.zeros(np.shape(tape.values[s]), dtype=bool)
            for m, i, _ in members[::order]:
                own = _read(tape, m, np.shape(tape.values[s]))
                kept[m, i] = partial(_last, tape, m, own & ~taken)
                taken = taken | own
        yield Mistake(name, kept)


def _read(tape: Any, m: int, shape: tuple[int, ...]) -> Any:
    """The entries of an operand that a node reads."""
    node = tape.nodes[m]
    if node.prim != "getitem":
        return np.ones(shape, dtype=bool)
    out = np.zeros(shape, dtype=bool)
    out[node.static["key"]] = True
    return out


def _last(tape: Any, m: int, allowed: Any, g: Any, pull: Any) -> Any:
    node = tape.nodes[m]
    out = pull(g)
    if node.prim == "getitem" and gathers(node):
        out = np.zeros(allowed.shape)
        out[node.static["key"]] = g
    elif node.prim == "take" and gathers(node):
        return None
    return None if out is None else np.where(allowed, out, 0.0)


# ---- axes


def _axes(layer: str, edges: list[Edge], dimensions: int) -> Iterator[Mistake]:
    """Rows taken for columns, or a kernel turned round, in layers where that goes unnoticed."""
    if layer not in ("window", "columns", "maximum", "attention", "") or dimensions < 2:
        return
    yield _all("rows and columns exchanged", edges, _exchanged)
    if layer in ("window", "columns"):
        yield _all("turned round", edges, lambda g, pull: _turned(pull(g)))
        yield _all("result exchanged", edges, lambda g, pull: _swap(pull(g)))


def _exchanged(g: Any, pull: Any) -> Any:
    return pull(_swap(g))


def _swap(x: Any) -> Any:
    """The last two axes exchanged, in the shape of before."""
    if x is None or np.ndim(x) < 2:
        return None
    return np.reshape(np.swapaxes(x, -1, -2), np.shape(x))


def _turned(x: Any) -> Any:
    return None if x is None or np.ndim(x) < 2 else np.asarray(x)[..., ::-1, ::-1]
