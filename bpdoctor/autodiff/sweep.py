"""Reverse sweep over a recorded tape: the true adjoint of every active value, once."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from bpdoctor.autodiff.registry import PRIMITIVES, vjp
from bpdoctor.model.tape import CONST, Node, Tape, outline

# An operation without a derivative row is differentiated numerically up to this many input entries.
MOST_NUMERICAL = 64

Array = Any
Pull = Callable[[Array], Array | None]
Altered = Callable[[int, int, Array, Pull], Array | None]


@dataclass(slots=True)
class Adjoints:
    """Adjoint of each node that was reached.

    `tainted` maps a node whose adjoint could not be established to the operation at fault. `replaced` holds
    what was swept for a node before another adjoint was believed there.
    """

    values: dict[int, Array] = field(default_factory=dict)
    tainted: dict[int, int] = field(default_factory=dict)
    replaced: dict[int, Array] = field(default_factory=dict)

    def get(self, node: int) -> Array | None:
        """Adjoint of `node`, or None where it was not reached."""
        return self.values.get(node)

    def add(self, node: int, contribution: Array | None) -> None:
        """Add what one reader of `node` passes back to it."""
        if contribution is not None:
            held = self.values.get(node)
            self.values[node] = _held(contribution) if held is None else held + contribution

    def drop(self, node: int) -> None:
        """Keep only the shape, as of the value: both are too large to keep."""
        if node in self.values:
            self.values[node] = outline(np.shape(self.values[node]), np.float64)


def reverse(
    tape: Tape,
    seeds: Mapping[int, Array],
    active: Container[int],
    *,
    leaves: Container[int] = (),
    overrides: Mapping[int, Array] | None = None,
    altered: Altered | None = None,
) -> Adjoints:
    """Pull cotangents back from `seeds` to every active node.

    Parameters
    ----------
    tape : Tape
    seeds : mapping of node to cotangent
        Usually one scalar loss with cotangent 1.
    active : container of nodes
        Nodes that depend on what is differentiated for; nothing else is visited.
    leaves : container of nodes
        Nodes behind which nothing is visited: the parameters, whatever they were computed from.
    overrides : mapping of node to adjoint, optional
        Adjoints to be believed instead of the swept ones, at the moment the node is passed.
    altered : callable, optional
        ``altered(node, operand, cotangent, pull)``: what is passed on to the operand in place of
        ``pull(cotangent)``, None for nothing. A sweep that makes a mistake on purpose.

    Returns
    -------
    Adjoints
        float64 arrays in the shape of each value. Values, not nodes, carry versions: an array that was
        overwritten has one node for each of its states.
    """
    out = Adjoints({seed: np.asarray(cotangent, dtype=np.float64) for seed, cotangent in seeds.items()})
    overrides = overrides or {}
    heap = _Descending(sorted(set(seeds) | {n for n in overrides if n in active}))
    while (n := heap.pop()) is not None:
        if n in overrides:
            if n in out.values:
                out.replaced[n] = out.values[n]
            out.values[n] = np.asarray(overrides[n], dtype=np.float64)
            out.tainted.pop(n, None)
        if n in leaves:
            continue
        g = out.values.get(n)
        node = tape.nodes[n]
        for i, source in enumerate(node.inputs):
            if source == CONST or source not in active:
                continue
            heap.push(source)
            if n in out.tainted:
                out.tainted.setdefault(source, out.tainted[n])
            if g is None:
                continue
            contribution, known = _pull(tape, node, n, i, g)
            if not known:
                out.tainted[source] = n
                continue
            if altered is not None and contribution is not None:
                contribution = altered(n, i, g, partial(_pulled, tape, n, i))
            out.add(source, contribution)
        if n in tape.unkept:
            out.drop(n)
    return out


def _held(contribution: Array) -> Array:
    """A first contribution as it is kept: as it is, where a product with it is quick; nothing is added in place."""
    whole = isinstance(contribution, np.ndarray) and contribution.dtype == np.float64
    return contribution if whole and contribution.flags.forc else 0.0 + contribution


def _pulled(tape: Tape, n: int, i: int, g: Array) -> Array | None:
    return _pull(tape, tape.nodes[n], n, i, g)[0]


class _Descending:
    """Nodes in descending order, each once."""

    def __init__(self, first: list[int]) -> None:
        import heapq

        self.heapq = heapq
        self.heap = [-n for n in first]
        heapq.heapify(self.heap)
        self.seen = set(first)

    def push(self, node: int) -> None:
        if node not in self.seen:
            self.seen.add(node)
            self.heapq.heappush(self.heap, -node)

    def pop(self) -> int | None:
        return -self.heapq.heappop(self.heap) if self.heap else None


def _pull(tape: Tape, node: Node, n: int, i: int, g: Array) -> tuple[Array | None, bool]:
    """Cotangent for operand `i` of node `n`, and whether it could be established."""
    operands = tuple(c if s == CONST else tape.values[s] for s, c in zip(node.inputs, node.consts, strict=True))
    if node.prim == "overlay":
        return _overlay(i, g, operands, node.static["index"]), True
    if node.prim == "view":
        return _view(g, operands[0], node.static["index"]), True
    if node.prim == "opaque":
        return _numerical(i, g, operands, node.static)
    row = PRIMITIVES.get(node.prim)
    if row is None:
        return None, False
    if not row.differentiable:
        return None, True
    try:
        return _silent(vjp(node.prim, i, g, tape.values[n], operands, node.static), g), True
    except Exception:  # a row that cannot handle this call must be loud in the report, not a crash
        return None, False


def _silent(cotangent: Array | None, g: Array) -> Array | None:
    """A cotangent of exactly zero stays zero through an infinite derivative.

    ``1 / (1 + exp(-z))`` with exp overflowing has derivative zero; its factors are 0 and infinity.
    """
    if isinstance(cotangent, float) and isinstance(g, float | np.ndarray) and np.ndim(g) == 0:
        return 0.0 if g == 0 and math.isnan(cotangent) else cotangent
    if cotangent is None or np.shape(cotangent) != np.shape(g) or not math.isnan(np.add.reduce(cotangent, axis=None)):
        return cotangent  # a sum is no number where one of its terms is none
    bad = np.isnan(cotangent)
    return np.where(bad & (np.asarray(g) == 0), 0.0, cotangent) if np.any(bad) else cotangent


def _overlay(i: int, g: Array, operands: tuple[Any, ...], index: np.ndarray) -> Array:
    written = index >= 0
    if i == 0:
        return np.where(written, 0.0, g)
    out = np.zeros(np.shape(operands[1]))
    np.add.at(out.reshape(-1), index[written], np.broadcast_to(g, index.shape)[written])
    return out


def _view(g: Array, source: Any, index: np.ndarray) -> Array:
    out = np.zeros(np.size(source))
    np.add.at(out, index.ravel(), np.ravel(g))
    return out.reshape(np.shape(source))


def _numerical(i: int, g: Array, operands: tuple[Any, ...], static: Mapping[str, Any]) -> tuple[Array | None, bool]:
    """Vector-Jacobian product of an unknown function by central differences, where it is small."""
    x = np.asarray(operands[i], dtype=np.float64)
    count = static["positional"]
    if x.size > MOST_NUMERICAL or not np.isfinite(x).all():
        return None, False

    def run(value: Array) -> Array:
        filled = [*operands]
        filled[i] = value if np.ndim(operands[i]) else float(value)
        keywords = dict(zip(static["names"], filled[count:], strict=True))
        return np.asarray(static["function"](*filled[:count], **keywords), dtype=np.float64)

    out = np.zeros(x.shape)
    try:
        for k in np.ndindex(x.shape):
            step = 1e-6 * max(1.0, abs(float(x[k])))
            hi, lo = x.copy(), x.copy()
            hi[k] += step
            lo[k] -= step
            out[k] = np.sum(g * (run(hi) - run(lo))) / (2 * step)
    except Exception:  # the function may refuse other inputs than the user's own
        return None, False
    return out, True
