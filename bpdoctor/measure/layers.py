"""Where parameters enter the forward pass: products with weights, what they feed, and the network's end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

from bpdoctor.measure.view import View
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Store, Tape

# Operations that show the same numbers in another shape.
SHAPING = frozenset(
    {"transpose", "getitem", "view", "reshape", "ravel", "flatten", "squeeze", "expand_dims", "copy",
     "asarray", "swapaxes", "atleast_2d", "atleast_1d", "broadcast_to", "array", "astype", "float", "matrix"}
)  # fmt: skip
LINEAR = frozenset(
    {
        "add",
        "subtract",
        "sum",
        "reshape",
        "squeeze",
        "ravel",
        "getitem",
        "transpose",
        "add-all",
        "array-sum",
        "array",
        "float",
    }
)
MATRIX = frozenset({"matmul", "dot", "inner", "einsum", "tensordot", "vecdot", "vdot"})

# A name is kept with its scope: ("name", scope, name); an element has its place in the list as well.
_NAME = 3


@record
class Product:
    """Node `node` multiplies `other` (CONST when it is no recorded number) with a parameter.

    `weight` is the operand as used, a view of start version `start`; `right` tells its side.
    """

    node: int
    start: int
    weight: int
    other: int
    right: bool


def consumers_of(tape: Tape) -> dict[int, list[int]]:
    """Nodes that each node is an operand of."""
    out: dict[int, list[int]] = defaultdict(list)
    for n, node in enumerate(tape.nodes):
        for source in set(node.inputs):
            if source != CONST:
                out[source].append(n)
    return out


def above(tape: Tape, roots: Iterable[int]) -> set[int]:
    """Everything the roots were computed from, themselves included."""
    pending = list(roots)
    out = set(pending)
    while pending:
        for source in tape.nodes[pending.pop()].inputs:
            if source != CONST and source not in out:
                out.add(source)
                pending.append(source)
    return out


def parameter_views(view: View) -> dict[int, int]:
    """Nodes that show entries of one start version and nothing else, with that version."""
    out = {c.start: c.start for c in view.step.parameters}
    for n in sorted(view.forward):
        node = view.tape.nodes[n]
        # What was seen before all of its memory was written again shows the writer's numbers.
        rewritten = node.prim == "overlay" and bool((node.static["index"] >= 0).all())
        if n not in out and (node.prim in SHAPING or rewritten):
            sources = {out.get(s) for s in node.inputs[int(rewritten) :] if s != CONST}
            if len(sources) == 1 and None not in sources:
                out[n] = next(s for s in sources if s is not None)
    return out


@record(eq=False)
class Forward:
    """The forward pass of one step: what the chosen loss was computed from, and not the backward pass.

    `shown` maps views of parameters to start versions; `feeding` are the values that go on into a product
    with a parameter.
    """

    view: View
    nodes: frozenset[int]
    shown: dict[int, int]
    products: tuple[Product, ...]
    feeding: frozenset[int]


def forward_of(examination: Any, view: View) -> Forward:
    """Delimit the forward pass of a step; empty where no loss was established."""
    nodes = frozenset(above(view.tape, heads(examination, view)) & view.forward)
    shown = parameter_views(view)
    found = tuple(p for n in sorted(nodes) if (p := _product(view.tape, n, shown)) is not None)
    feeding = frozenset(above(view.tape, (p.other for p in found if p.other != CONST)) & view.forward)
    return Forward(view, nodes, shown, found, feeding)


def _product(tape: Tape, n: int, shown: dict[int, int]) -> Product | None:
    """Node `n` as a product of a parameter with something else; elementwise ones too."""
    node = tape.nodes[n]
    if (node.prim not in MATRIX and node.prim != "multiply") or len(node.inputs) != 2:
        return None
    for i in (0, 1):
        weight, other = node.inputs[i], node.inputs[1 - i]
        if weight in shown and other not in shown:
            return Product(n, shown[weight], weight, other, i == 1)
    return None


def named_site(tape: Tape, node: int) -> int:
    """Where a value gets the user's name, for one that is computed inside a helper function."""
    for event in tape.events:
        if isinstance(event, Store) and event.node == node and not _of_a_list(event):
            return event.site
    return tape.nodes[node].site


def _of_a_list(event: Store) -> bool:
    """Whether a list gets the name, of which the value is one element."""
    return event.slot[0] == "name" and len(event.slot) > _NAME


def heads(examination: Any, view: View) -> set[int]:
    """Nodes from which the chosen loss is differentiated, found again in this step, or where it ends without one."""
    if examination.assessment is None:
        return set()
    return losses_in(examination, view) or _alike(examination.assessment.trials[0], view)


def losses_in(examination: Any, view: View) -> set[int]:
    """Nodes of a step from which the chosen loss is differentiated; none where the step computes no loss."""
    if examination.assessment is None:
        return set()
    first = examination.assessment.trials[0]
    for trial in examination.assessment.trials:
        if trial.view is view:
            return set(trial.candidate.seeds)
    keys = [first.view.keys.get(n) for n in first.candidate.seeds]
    return {view.by_key[k] for k in keys if k is not None and k in view.by_key}


def _alike(trial: Any, view: View) -> set[int]:
    """Where a step without a loss ends: at the last values of expressions that the loss is made of elsewhere."""
    tape = trial.view.tape
    sites = {tape.nodes[n].site for n in above(tape, trial.candidate.seeds) if n in trial.view.forward}
    same = {n for n in view.forward if view.tape.nodes[n].site in sites}
    return same - {s for n in same for s in view.tape.nodes[n].inputs}


def backward_nodes(view: View, families: Iterable[Any] | None = None) -> set[int]:
    """What the claimed gradients were computed from, updated versions included."""
    out: set[int] = set()
    for family in view.families if families is None else families:
        out |= view.backward(family)
    return out


def targets(tape: Tape, nodes: Iterable[int]) -> set[int]:
    """What values of the same shape are compared with by subtraction: the derivative for one is minus the other's."""
    out: set[int] = set()
    for n in nodes:
        node = tape.nodes[n]
        if node.prim == "subtract" and CONST not in node.inputs:
            a, b = node.inputs
            out |= {a, b} if np.shape(tape.values[a]) == np.shape(tape.values[b]) else set()
    return out


def uses_weights(forward: Forward, z: int) -> bool:
    """Whether a value is a product with weights, or a sum of such."""
    products = {p.node for p in forward.products}
    pending, seen = [z], set()
    while pending:
        n = pending.pop()
        if n in products:
            return True
        if n not in seen and n in forward.nodes and forward.view.tape.nodes[n].prim in LINEAR:
            seen.add(n)
            pending.extend(s for s in forward.view.tape.nodes[n].inputs if s != CONST)
    return False


def is_float(value: Any) -> bool:
    """A floating-point number or array."""
    return isinstance(value, float) or (isinstance(value, np.ndarray | np.generic) and value.dtype.kind == "f")
