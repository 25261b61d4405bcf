"""Values used like parameters that training never changes, and updates that are computed and lost."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import replace

import numpy as np

from bpdoctor.measure.layers import (
    MATRIX,
    SHAPING,
    Forward,
    above,
    consumers_of,
    forward_of,
    is_float,
    uses_weights,
)
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Store, Tape, Use

_MADE = frozenset(
    {"random", "randn", "rand", "normal", "uniform", "standard_normal", "random_sample", "gauss",
     "zeros", "ones", "full", "zeros_like", "ones_like", "randint", "integers", "truncnorm"}
)  # fmt: skip
_COPIES = frozenset({"copy", "asarray", "array", "astype"})
_TERMS = frozenset({"multiply", "divide", "matmul", "dot", "outer", "negative"})


@record
class Lost:
    """At `site` new values of `names` are computed from a gradient, `times` times, and used by nothing.

    `roots` are the values that stay, `reads` the places where the forward pass reads them.
    """

    site: int
    names: tuple[str, ...]
    times: int
    roots: tuple[int, ...]
    reads: tuple[int, ...] = ()


@record
class Untrained:
    """At `site` the forward pass uses `name`, a `role` ("bias" or "weights") that no step changes.

    `left_out` where its like is trained: the weights that a bias goes with, the bias that weights go with.
    """

    site: int
    name: str
    role: str
    root: int
    left_out: bool = False


@record
class Constants:
    """Updates that are lost, and what is never updated."""

    lost: tuple[Lost, ...]
    untrained: tuple[Untrained, ...]


def constants(examination: Examination) -> Constants:
    """Everything about parameters that stay as they were made."""
    still = untrained(examination)
    lost = [replace(x, reads=tuple(u.site for u in still if u.root in x.roots)) for x in lost_updates(examination)]
    named = {u for x in lost for u in x.reads}
    once = {u.root: u for u in reversed(still) if u.site not in named}
    return Constants(tuple(lost), tuple(u for u in still if once.get(u.root) is u))


# ---- updates that are lost


def lost_updates(examination: Examination) -> list[Lost]:
    """New values of a parameter that go nowhere, while the forward pass keeps reading the old ones.

    Notes
    -----
    Needs no training step: a program that loses all its updates trains nothing.
    """
    tape = examination.tape
    consumers = consumers_of(tape)
    used = {e.node for e in tape.events if isinstance(e, Use)}
    dead: dict[int, int] = {}
    for n in range(len(tape) - 1, -1, -1):
        source = _updated(tape, n)
        if source is not None and n not in used and all(c in dead or _copies(tape, c, dead) for c in consumers[n]):
            dead[n] = source
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for n in sorted(dead):
        groups[tape.nodes[n].site, _root(tape, n, dead)].append(n)
    names: dict[int, list[str]] = defaultdict(list)
    roots: dict[int, list[int]] = defaultdict(list)
    times: dict[int, int] = {}
    for (site, root), nodes in groups.items():
        if len(nodes) > 1 and _read_again(tape, root, nodes, dead, consumers) and _from_gradient(tape, root, nodes[0]):
            names[site].append(_name(tape, root))
            roots[site].append(_origin(tape, root))
            times[site] = max(times.get(site, 0), len(nodes))
    return [
        Lost(site, tuple(dict.fromkeys(filter(None, found))), times[site], tuple(roots[site]))
        for site, found in sorted(names.items())
    ]


def _updated(tape: Tape, n: int) -> int | None:
    """The operand that ``old - step`` or ``old + step`` gives a new value of."""
    node = tape.nodes[n]
    if node.prim not in ("subtract", "add") or len(node.inputs) != 2 or not is_float(tape.values[n]):
        return None
    old, step = node.inputs
    if CONST in (old, step) or tape.nodes[step].prim not in _TERMS:
        return None
    return old if np.shape(tape.values[old]) == np.shape(tape.values[n]) else None


def _copies(tape: Tape, n: int, dead: dict[int, int]) -> bool:
    return tape.nodes[n].prim in _COPIES and n in dead.values()


def _root(tape: Tape, n: int, dead: dict[int, int]) -> int:
    """What the value was before all lost updates and copies."""
    while n in dead or tape.nodes[n].prim in _COPIES:
        source = dead[n] if n in dead else tape.nodes[n].inputs[0] if len(tape.nodes[n].inputs) == 1 else CONST
        if source == CONST:
            return n
        n = source
    return n


def _read_again(tape: Tape, root: int, nodes: list[int], dead: dict[int, int], consumers: dict[int, list[int]]) -> bool:
    """Whether the old values are computed with after the first and after the last but one lost update."""
    uses = [c for c in consumers[root] if c not in dead and tape.nodes[c].prim not in _COPIES]
    return any(c > nodes[-2] for c in uses) and any(c < nodes[0] for c in uses)


def _from_gradient(tape: Tape, root: int, n: int) -> bool:
    """Whether the step was computed from a forward pass that read the old values, and is not zero."""
    step = tape.nodes[n].inputs[1]
    return root in above(tape, [step]) and bool(np.any(tape.values[step]))


def _name(tape: Tape, node: int) -> str:
    """What the user called a value first."""
    for event in tape.events:
        if isinstance(event, Store) and event.node == node:
            return event.name
    return ""


# ---- what is never updated


def untrained(examination: Examination) -> list[Untrained]:
    """Biases and weights of the forward pass that are one object in two steps and are in no update."""
    if len(examination.views) < 2:
        return []
    first, second = (forward_of(examination, v) for v in examination.views[:2])
    lasting = _constants(examination, second)
    out: dict[int, Untrained] = {}
    for (site, side), (role, root, left_out) in _constants(examination, first).items():
        if lasting.get((site, side)) == (role, root, left_out):
            name = operand_name(examination.sites[site].node, side)
            if name:
                out.setdefault(site, Untrained(site, name, role, root, left_out))
    return list(out.values())


def _constants(examination: Examination, forward: Forward) -> dict[tuple[int, int], tuple[str, int, bool]]:
    """(role, where it was made, left out) of what stands in for a parameter, by the operand's place."""
    tape, masks = forward.view.tape, forward.view.masks
    data = {p.other for p in forward.products}
    biased = _biased(forward)
    out: dict[tuple[int, int], tuple[str, int, bool]] = {}
    for n in sorted(forward.nodes):
        node = tape.nodes[n]
        if len(node.inputs) != 2 or (node.prim != "add" and node.prim not in MATRIX):
            continue
        for i in (0, 1):
            constant, other = node.inputs[i], node.inputs[1 - i]
            if CONST in (constant, other) or constant in masks or other not in masks or constant in data:
                continue
            root = _origin(tape, constant)
            if node.prim == "add" and _like_bias(forward, constant, other) and _invented(examination, root, True):
                # A single number that the text gives is as a rule meant to be fixed: a threshold, a margin. So is what
                # has a number for each place and each unit: an encoding of positions.
                places = sum(n > 1 for n in np.shape(tape.values[constant])) > 1
                meant = places or (not biased and not _drawn(examination, root))
                out[node.site, i] = "bias", root, not meant
            elif node.prim in MATRIX and other not in forward.shown and _invented(examination, root, False):
                out[node.site, i] = "weights", root, n in biased
    return out


def _biased(forward: Forward) -> set[int]:
    """Weighted sums that a trained bias is added to."""
    tape, out = forward.view.tape, set()
    for n in forward.nodes:
        node = tape.nodes[n]
        if node.prim == "add" and len(node.inputs) == 2:
            out |= {a for a, b in (node.inputs, node.inputs[::-1]) if b in forward.shown and a in forward.nodes}
    return out - set(forward.shown)


def _origin(tape: Tape, n: int) -> int:
    """What a value was made as, before shaping and scaling."""
    while True:
        node = tape.nodes[n]
        recorded = [s for s in node.inputs if s != CONST]
        scaled = node.prim in ("multiply", "divide", "subtract", "add")
        larger = [s for s in recorded if np.size(tape.values[s]) == np.size(tape.values[n])]
        if node.prim in SHAPING and len(recorded) == 1:
            n = recorded[0]
        elif scaled and len(larger) == 1 and all(np.size(tape.values[s]) == 1 for s in recorded if s not in larger):
            n = larger[0]
        else:
            return n


def _like_bias(forward: Forward, constant: int, other: int) -> bool:
    """Added to a weighted sum, one number for each unit and none for a sample."""
    values = forward.view.tape.values
    total, size = values[other], np.size(values[constant])
    if not is_float(values[constant]) or size > np.size(total):
        return False
    if np.ndim(total) > 1 and (size == np.size(total) or size == 1):
        return False
    return uses_weights(forward, other)


def _invented(examination: Examination, root: int, number: bool) -> bool:
    """Whether a value was drawn or filled by the program before the step, as parameters are."""
    tape = examination.tape
    if root >= examination.views[0].step.start or tape.nodes[root].prim not in ("leaf", "made"):
        return False
    return number if np.ndim(tape.values[root]) == 0 else _drawn(examination, root)


def _drawn(examination: Examination, root: int) -> bool:
    """Whether the text that made a value draws or fills, as parameters are at the start."""
    names = {
        part.attr if isinstance(part, ast.Attribute) else part.id
        for part in ast.walk(examination.sites[examination.tape.nodes[root].site].node)
        if isinstance(part, ast.Attribute | ast.Name)
    }
    return bool(names & _MADE)


def operand_name(node: ast.AST, side: int) -> str:
    """Text of an operand; empty for literals and for what is no plain name."""
    operand: ast.AST | None = None
    if isinstance(node, ast.BinOp):
        operand = node.right if side else node.left
    elif isinstance(node, ast.AugAssign):
        operand = node.value if side else node.target
    elif isinstance(node, ast.Call):
        owner = [node.func.value] if isinstance(node.func, ast.Attribute) and len(node.args) == 1 else []
        operand = [*owner, *node.args, None, None][side]
    return ast.unparse(operand) if isinstance(operand, ast.Name | ast.Attribute | ast.Subscript) else ""


MEASURE = Measurement("constants", constants)
