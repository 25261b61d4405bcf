"""Values used like parameters that no step changes: left out of the updates, or meant to be fixed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from string import digits

import numpy as np

from bpdoctor.identify.dependence import ancestors
from bpdoctor.measure.frozen import frozen
from bpdoctor.measure.layers import LINEAR, MATRIX, SHAPING, Forward, forward_of, is_float, uses_weights
from bpdoctor.measure.thawed import thawed
from bpdoctor.model.examination import Examination
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Tape

_DRAWN = frozenset(
    {"random", "randn", "rand", "normal", "uniform", "standard_normal", "random_sample", "gauss", "randint",
     "integers", "truncnorm"}
)  # fmt: skip
_RANGING = frozenset({"add", "subtract", "multiply", "divide"})
_MADE = _DRAWN | {"zeros", "ones", "full", "zeros_like", "ones_like"}


@record
class Untrained:
    """At `site` the forward pass uses `name`, a `role` ("bias" or "weights") that no step changes.

    `left_out` tells what of its like is trained, where something is: for a bias the weights that it goes with, for
    weights the bias that goes with them, those before them, or a number of the same name; `frozen` where it is trained
    under another setting.
    """

    site: int
    name: str
    role: str
    root: int
    left_out: str = ""
    frozen: str = ""


Place = tuple[int, int]
Kept = tuple[str, int, str]


def untrained(examination: Examination) -> list[Untrained]:
    """Biases and weights of the forward pass that are one object in two steps and are in no update."""
    if len(examination.views) < 2:
        return []
    first, second = (forward_of(examination, v) for v in examination.views[:2])
    lasting = dict(_constants(examination, second))
    out: dict[int, Untrained] = {}
    for (site, side), (role, root, left_out) in dict(_constants(examination, first)).items():
        if lasting.get((site, side)) == (role, root, left_out):
            name = operand_name(examination.sites[site].node, side)
            if name and not (left_out and role == "weights" and thawed(examination, site, side)):
                out.setdefault(site, Untrained(site, name, role, root, left_out, frozen(examination, site, name)))
    return list(out.values())


def _constants(examination: Examination, forward: Forward) -> Iterator[tuple[Place, Kept]]:
    """(role, where it was made, what like it is trained) of what stands in for a parameter, by the operand's place."""
    tape, masks = forward.view.tape, forward.view.masks
    data = {p.other for p in forward.products}
    data |= {origin(tape, n) for n in data}
    biased = _biased(forward)
    for n in sorted(forward.nodes | {a for a in biased if a not in masks}):
        node = tape.nodes[n]
        if len(node.inputs) != 2 or CONST in node.inputs:
            continue
        if n in biased and n not in masks:
            yield from _of_data(examination, forward, n)
            continue
        for i in (0, 1):
            constant, other = node.inputs[i], node.inputs[1 - i]
            if constant in masks or other not in masks or {constant, origin(tape, constant)} & data:
                continue
            found = _bias(examination, forward, n, i, bool(biased)) or _weights(examination, forward, n, i, biased)
            if found is not None:
                yield (node.site, i), found


def _bias(examination: Examination, forward: Forward, n: int, i: int, biased: bool) -> Kept | None:
    tape = forward.view.tape
    constant, other = tape.nodes[n].inputs[i], tape.nodes[n].inputs[1 - i]
    root = origin(tape, constant)
    if not (tape.nodes[n].prim == "add" or (i == 1 and _threshold(examination, forward, n))):
        return None
    if not _like_bias(forward, constant, other):
        return None
    if not _invented(examination, root, True):
        return None
    # A single number that the text gives is as a rule meant to be fixed: a threshold, a margin. So is what has a
    # number for each place and each unit: an encoding of positions.
    places = sum(size > 1 for size in np.shape(tape.values[constant])) > 1
    meant = places or (not biased and not _drawn(examination, root))
    return "bias", root, "" if meant else "weights"


def _threshold(examination: Examination, forward: Forward, n: int) -> bool:
    """Whether what is left after a subtraction goes into an activation: targets are subtracted too, from outputs."""
    view = forward.view
    bent = {view.by_key.get(u.before) for u in examination.units}
    return view.tape.nodes[n].prim == "subtract" and n in bent


def _weights(examination: Examination, forward: Forward, n: int, i: int, biased: set[int]) -> Kept | None:
    tape = forward.view.tape
    constant, other = tape.nodes[n].inputs[i], tape.nodes[n].inputs[1 - i]
    root, prim = origin(tape, constant), tape.nodes[n].prim
    number = prim == "multiply" and np.ndim(tape.values[n]) == 0
    if (
        other in forward.shown
        or not (prim in MATRIX or number)
        or _entrywise(forward, other)
        or not _invented(examination, root, number)
    ):
        return None
    if number and not _drawn(examination, root, _DRAWN):
        # A number that the text gives may be any factor; not one that is called as others that learn.
        return ("weights", root, "alike") if _alike(examination, forward, n, i) else None
    if n in biased:
        return "weights", root, "bias"
    # Weights of one size that differ in their signs are meant to be fixed where theory takes them so.
    sizes = np.abs(np.asarray(tape.values[constant]))
    learned = any(tape.nodes[p.node].prim in MATRIX for p in forward.products) and bool(sizes.min() < sizes.max())
    return "weights", root, "others" if (number or learned) and _drawn(examination, root, _DRAWN) else ""


def _entrywise(forward: Forward, node: int) -> bool:
    """Whether an array is made of weights alone, by their signs or a norm: what it is multiplied with is data."""
    view = forward.view
    made = ancestors(view.tape, [node], view.masks)
    return np.ndim(view.tape.values[node]) > 1 and not any(view.tape.nodes[n].prim in MATRIX for n in made)


def _alike(examination: Examination, forward: Forward, n: int, i: int) -> bool:
    """Whether a number's name differs only by its own number from that of one that is trained: `w8` beside `w7`."""
    name = operand_name(examination.sites[forward.view.tape.nodes[n].site].node, i)
    products = ((p, forward.view.tape.nodes[p.node]) for p in forward.products)
    names = {operand_name(examination.sites[node.site].node, int(p.right)) for p, node in products}
    stem = name.rstrip(digits)
    return name != stem and any(other != name and other.rstrip(digits) == stem for other in names)


def _of_data(examination: Examination, forward: Forward, n: int) -> Iterator[tuple[Place, Kept]]:
    """The weights of the first layer, whose product with the data is in no gradient: a trained bias tells of them."""
    tape, node = forward.view.tape, forward.view.tape.nodes[n]
    right = [p.right for p in forward.products if tape.nodes[p.node].prim in MATRIX]
    side = int(sum(right) * 2 >= len(right))
    root = origin(tape, node.inputs[side])
    if node.prim == "multiply":
        found = (i for i in (0, 1) if _alike(examination, forward, n, i))
        yield from (((node.site, i), ("weights", origin(tape, node.inputs[i]), "alike")) for i in found)
    elif node.prim in MATRIX and right and _invented(examination, root, False) and _drawn(examination, root, _DRAWN):
        yield (node.site, side), ("weights", root, "bias")


def _biased(forward: Forward) -> set[int]:
    """Weighted sums that a trained bias is added to, with the terms that they are put together from."""
    tape, out = forward.view.tape, set()
    for n in forward.nodes:
        node = tape.nodes[n]
        if node.prim == "add" and len(node.inputs) == 2:
            out |= {a for a, b in (node.inputs, node.inputs[::-1]) if b in forward.shown and a != CONST}
    return _with_terms(tape, out - set(forward.shown))


def _with_terms(tape: Tape, sums: set[int]) -> set[int]:
    """Sums of numbers with what is added in them."""
    pending, out = list(sums), set(sums)
    while pending:
        n = pending.pop()
        node = tape.nodes[n]
        if node.prim in LINEAR and all(np.ndim(tape.values[s]) == 0 for s in node.inputs if s != CONST):
            found = [s for s in node.inputs if s != CONST and s not in out]
        elif node.prim == "array-sum":
            found = [s for s in node.inputs if tape.nodes[s].prim == "array" and s not in out]
        else:
            found = []
        out.update(found)
        pending.extend(found)
    return out


def origin(tape: Tape, n: int) -> int:
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
    single = size == 1 and not (np.ndim(values[constant]) and 1 in np.shape(total))
    if np.ndim(total) > 1 and (single or size == np.size(total) > 1):
        return False
    return uses_weights(forward, other)


def _invented(examination: Examination, root: int, number: bool) -> bool:
    """Whether a value was drawn or filled by the program before the step, as parameters are."""
    tape, single = examination.tape, np.ndim(examination.tape.values[root]) == 0
    if root >= examination.views[0].step.start:
        return False
    # A number that is drawn may be drawn from a range: ``(b - a) * random() + a``.
    ranged = single and tape.nodes[root].prim in _RANGING and _drawn(examination, root, _DRAWN)
    if not ranged and tape.nodes[root].prim not in ("leaf", "made"):
        return False
    return number if single else _drawn(examination, root)


def _drawn(examination: Examination, root: int, makers: frozenset[str] = _MADE) -> bool:
    """Whether the text that made a value draws or fills, as parameters are at the start."""
    names = {
        part.attr if isinstance(part, ast.Attribute) else part.id
        for part in ast.walk(examination.sites[examination.tape.nodes[root].site].node)
        if isinstance(part, ast.Attribute | ast.Name)
    }
    return bool(names & makers)


def made_up(examination: Examination, root: int) -> bool:
    """Whether the text that made a value draws or fills it, as is done with parameters."""
    return _drawn(examination, origin(examination.tape, root))


def operand_name(node: ast.AST, side: int) -> str:
    """Text of an operand; empty for literals and for what is no plain name."""
    operand: ast.AST | None = None
    if isinstance(node, ast.BinOp):
        operand = node.right if side else node.left
    elif isinstance(node, ast.Subscript):
        operand = None if side else node.value
    elif isinstance(node, ast.AugAssign):
        operand = node.value if side else node.target
    elif isinstance(node, ast.Call):
        owner = [node.func.value] if isinstance(node.func, ast.Attribute) and len(node.args) == 1 else []
        operand = [*owner, *node.args, None, None][side]
    return ast.unparse(operand) if isinstance(operand, ast.Name | ast.Attribute | ast.Subscript) else ""
