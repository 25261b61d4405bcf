"""Layers on the tape, recognised by what they do: normalisations, masks, windows, attention, recurrences."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from bpdoctor.autodiff.bounds import bounds_of
from bpdoctor.autodiff.ordered import median
from bpdoctor.diagnose.masks import mask_of, scales_mask
from bpdoctor.diagnose.pools import pooled
from bpdoctor.diagnose.reads import gathers, is_window
from bpdoctor.model.tape import CONST

PRODUCTS = frozenset({"matmul", "dot", "einsum", "tensordot", "inner", "multiply", "outer", "vdot"})
MATRIX = PRODUCTS - {"multiply"}
REDUCTIONS = frozenset({"mean", "var", "std", "sum", "average"})
WINDOWS = frozenset({"as_strided", "sliding_window_view"})
CONVOLUTIONS = frozenset({"convolve", "correlate"})
MOVES = frozenset(
    {"transpose", "swapaxes", "moveaxis", "rollaxis", "reshape", "ravel", "flatten", "getitem", "copy", "asarray",
     "array", "stack", "concatenate", "vstack", "hstack", "column_stack", "overlay", "setitem", "ascontiguousarray",
     "astype", "squeeze", "expand_dims", "pad", "view", "matrix_transpose"}
)  # fmt: skip
_DEEPEST = 12
# Batch statistics carry a small constant under the root; a value this near to mean 0 and one variance is normalised.
_NEAR = 5e-2


class Structures:
    """The layers of one step's forward pass."""

    def __init__(self, trial: Any, units: Sequence[Any]) -> None:
        self.trial, self.units = trial, units
        # Of the links between two expressions that were looked at: whether they lead on through time.
        self.carried: dict[tuple[int, int, int, str], bool] = {}

    def layer(self, m: int, i: int, s: int) -> str:
        """What the step from node `m` back to its operand `i`, the value `s`, belongs to."""
        node = self.tape.nodes[m]
        if m in self.attention or m in self.normalised:
            return "attention" if m in self.attention else "normalisation"
        if mask_of(self, m, i) is not None or scales_mask(self, m, s):
            return "mask"
        if any(bounds_of(self.tape, m)) and m not in self.inside and not self.leads_to_product(m):
            return "clip"  # the larger of 0 and something is a hinge, and no bound
        if m not in self.inside and self.takes_largest(m):
            return "maximum"
        if gathers(node):
            # Columns hold every pixel at least once; one entry of each row is the output of a class.
            columns = np.size(self.tape.values[m]) >= np.size(self.tape.values[s])
            return "gather" if s in self.shown else pooled(self, m) or ("columns" if columns else "")
        if self.windowed(m) or m in self.convolved:
            return pooled(self, m) or ("columns" if self.column_wise else "window")
        return ""

    # ---- what everything is read from

    @property
    def tape(self) -> Any:
        return self.trial.view.tape

    @cached_property
    def nodes(self) -> list[int]:
        return sorted(self.trial.adjoints.values)

    @cached_property
    def inside(self) -> set[int]:
        """Nodes within recognised activations, their results included."""
        by_key = self.trial.view.by_key
        keys = {by_key.get(u.after) for u in self.units if u.activation.name != "square"}
        found = set().union(*(u.inside for u in self.units if u.activation.name != "square"), keys)
        return {n for n in found if n is not None}

    @cached_property
    def shown(self) -> set[int]:
        """Parameters and what shows their entries only."""
        out = {c.start for c in self.trial.view.step.parameters}
        for n in self.nodes:
            node = self.tape.nodes[n]
            if node.prim in MOVES and node.inputs[0] in out and not gathers(node):
                out.add(n)
        return out

    # ---- normalisation

    @cached_property
    def normalised(self) -> set[int]:
        """Nodes between a value and itself with mean 0 and one variance, and the gain applied to it."""
        out: set[int] = set()
        for n in self.nodes:
            between = self._normalisation(n) if n not in self.inside else None
            if between:
                out |= between
                for m in self.nodes:
                    node = self.tape.nodes[m]
                    other = [s for s in node.inputs if s != n]
                    if n in node.inputs and node.prim == "multiply" and other and other[0] in self.shown:
                        out.add(m)
        return out

    def _normalisation(self, n: int) -> set[int]:
        x = np.asarray(self.tape.values[n], dtype=np.float64)
        node = self.tape.nodes[n]
        if node.prim not in ("multiply", "divide") or x.ndim < 1 or x.size < 4 or not _standard(x):
            return set()
        between = {n}
        pending = [(s, 0) for s in node.inputs if s != CONST]
        statistics = 0
        while pending:
            k, depth = pending.pop()
            if k in between or k not in self.trial.adjoints.values or k in self.shown or depth > _DEEPEST:
                continue
            prim = self.tape.nodes[k].prim
            if prim in MATRIX or k in self.inside:
                continue
            if np.shape(self.tape.values[k]) == x.shape and not self._centred(k) and prim not in ("square", "power"):
                continue  # the value that is normalised, or one before it
            between.add(k)
            statistics += prim in REDUCTIONS
            pending.extend((s, depth + 1) for s in self.tape.nodes[k].inputs if s != CONST)
        return between if statistics else set()

    def _centred(self, k: int) -> bool:
        x = np.asarray(self.tape.values[k], dtype=np.float64)
        return any(np.abs(x.mean(axis=a)).max() <= 1e-6 * max(1e-300, np.abs(x).max()) for a in _axes(x))

    # ---- constants and what reads a value

    @cached_property
    def readers(self) -> dict[int, list[int]]:
        """The nodes of the forward pass that read each value."""
        out: dict[int, list[int]] = {}
        for k in self.nodes:
            for s in self.tape.nodes[k].inputs:
                out.setdefault(s, []).append(k)
        return out

    def constant(self, m: int, i: int) -> Any | None:
        """Operand `i` of a node where no parameter has a part in it."""
        node = self.tape.nodes[m]
        if node.inputs[i] in self.trial.view.forward:
            return None
        return node.consts[i] if node.inputs[i] == CONST else self.tape.values[node.inputs[i]]

    def factor(self, m: int, s: int) -> float | None:
        """The number that a node multiplies a value `s` by; None where it does something else."""
        node = self.tape.nodes[m]
        if node.prim not in ("multiply", "divide") or m in self.inside or node.inputs.count(s) != 1:
            return None
        i = node.inputs.index(s)
        other = self.constant(m, 1 - i)
        if other is None or np.ndim(other) or not other or (node.prim == "divide" and i):
            return None
        return float(other) if node.prim == "multiply" else 1 / float(other)

    def factor_after(self, m: int) -> float | None:
        """The number that all that is made of a value is multiplied by."""
        readers = self.readers.get(m, [])
        return self.factor(readers[0], m) if len(readers) == 1 else None

    def leads_to_product(self, m: int) -> bool:
        """Whether a product with a parameter follows: the place is inside the network, not in its loss."""
        reach = {m}
        for k in self.nodes:
            node = self.tape.nodes[k]
            if k > m and any(s in reach for s in node.inputs):
                reach.add(k)
                if node.prim in PRODUCTS and any(s in self.shown for s in node.inputs):
                    return True
        return False

    # ---- windows

    @cached_property
    def columns(self) -> set[int]:
        """Windows of an image and what they were gathered into, parameters or not."""
        found = set()
        lo, hi = self.trial.view.step.lo, self.trial.view.step.hi
        for n in range(min(lo, *self.nodes[:1]) if self.nodes else lo, hi):
            node = self.tape.nodes[n]
            if (node.prim in WINDOWS | CONVOLUTIONS or is_window(node)) or (
                node.prim in MOVES and any(s in found for s in node.inputs)
            ):
                found.add(n)
        return found

    def windowed(self, m: int) -> bool:
        """Whether a node reads windows, or multiplies or reduces them."""
        node = self.tape.nodes[m]
        if m in self.columns:
            return True
        kinds = PRODUCTS | {"max", "maximum", "fmax", "mean", "sum", "amax"}
        return node.prim in kinds and any(s in self.columns for s in node.inputs)

    def takes_largest(self, m: int) -> bool:
        """Whether a node pools: the maximum of windows, or along an axis of what the network goes on with."""
        node = self.tape.nodes[m]
        if node.prim not in ("max", "maximum", "fmax"):
            return False
        return self.windowed(m) or (node.prim == "max" and len(node.inputs) == 1 and self.leads_to_product(m))

    @cached_property
    def convolved(self) -> set[int]:
        """What products with windows are added up and laid out to."""
        out: set[int] = set()
        for n in self.nodes:
            node = self.tape.nodes[n]
            product = node.prim in PRODUCTS and self.windowed(n)
            if product or (node.prim in MOVES | {"add", "sum"} and any(s in out for s in node.inputs)):
                out.add(n)
        return out

    @cached_property
    def column_wise(self) -> bool:
        """Whether windows are copied into a matrix first (im2col) and not multiplied one by one."""
        tape = self.tape
        return any(tape.nodes[n].prim in ("overlay", "setitem", "stack", "reshape", "array") for n in self.columns)

    # ---- attention

    @cached_property
    def attention(self) -> set[int]:
        """From the product of queries and keys through softmax to the product with values."""
        out: set[int] = set()
        by_key, tape = self.trial.view.by_key, self.tape
        for unit in self.units:
            z, a = by_key.get(unit.before), by_key.get(unit.after)
            if unit.activation.name != "softmax" or z is None or a is None:
                continue
            ends = [m for m in self._after(a) if self._between_activations(m)]
            scores = [n for n in self._before(z) if self._between_activations(n)]
            if ends and scores:
                out |= {z, a, *unit.inside, *self._before(z), *ends}
                out |= {m for m in self._after(a) if tape.nodes[m].prim in MOVES}
        return out

    def _between_activations(self, m: int) -> bool:
        """A product of two values that both depend on parameters and are none."""
        node = self.tape.nodes[m]
        values = [s for s in node.inputs if s in self.trial.view.forward and s not in self.shown]
        return node.prim in PRODUCTS and len(values) == 2

    def _before(self, z: int) -> list[int]:
        """Nodes from a value back to the products it comes from."""
        out: list[int] = []
        pending = [z]
        while pending and len(out) < _DEEPEST:
            n = pending.pop(0)
            if n == CONST or n not in self.trial.adjoints.values or n in out:
                continue
            out.append(n)
            if self.tape.nodes[n].prim not in MATRIX:
                pending.extend(self.tape.nodes[n].inputs)
        return out

    def _after(self, a: int) -> list[int]:
        """Consumers of a value, also through other shapes of it."""
        reach = {a}
        out: list[int] = []
        for k in self.nodes:
            node = self.tape.nodes[k]
            if any(s in reach for s in node.inputs):
                out.append(k)
                if node.prim in MOVES:
                    reach.add(k)
        return out

    # ---- recurrences

    @cached_property
    def recurrent(self) -> set[int]:
        """Products with a parameter that are computed from an earlier product with the same parameter."""
        tape, found = self.tape, set()
        came: dict[int, frozenset[int]] = {}
        for n in self.nodes:
            node = tape.nodes[n]
            above = frozenset().union(*(came.get(s, frozenset()) for s in node.inputs if s != CONST))
            own = {s for s in node.inputs if s in self.shown} if node.prim in PRODUCTS else set()
            if own & above:
                found.add(n)
            came[n] = above | own if len(above) < 64 else above
        return found


def _axes(x: Any) -> list[Any]:
    return [0, x.ndim - 1] + ([(0, *range(2, x.ndim)), tuple(range(1, x.ndim))] if x.ndim > 2 else [])


def _standard(x: Any) -> bool:
    """Mean 0 and one variance near 1 along some axis."""
    for axis in _axes(x):
        spread = x.var(axis=axis)
        level = np.abs(x.mean(axis=axis)).max() < 1e-7
        if level and abs(median(spread) - 1) < _NEAR and spread.max() < 1 + _NEAR:
            return True
    return False
