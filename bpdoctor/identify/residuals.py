"""Where a program sets its outputs against their targets."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from bpdoctor.identify.claims import Claim
from bpdoctor.identify.dependence import PARAMETERS, POST, STATE, ancestors
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Tape

_SAME = 1e-12


@record(eq=False)
class Residual:
    """All executions of one expression that sets an output against a target."""

    site: int
    pairs: tuple[tuple[int, Any], ...]
    nodes: tuple[int, ...]


def find_residuals(
    tape: Tape, masks: dict[int, int], claims: Iterable[Claim], node_of_site: Callable[[int], ast.AST]
) -> list[Residual]:
    """Expressions that set an output against a target on the way to a claim, the last one first."""
    roots = [c.node for c in claims if c.node is not None]
    reach = ancestors(tape, roots, masks) if roots else set(masks)
    groups = _differences(tape, masks, reach, node_of_site)
    if not groups:
        # An error that is computed and used by no gradient still tells what the outputs are held against.
        every = _differences(tape, masks, masks.keys() - reach, node_of_site)
        groups = {site: held for site, members in every.items() if (held := [m for m in members if m[1] in reach])}
    out = [
        Residual(site, tuple((o, t) for _, o, t in members), tuple(n for n, _, _ in members))
        for site, members in groups.items()
    ]
    return sorted(out, key=lambda r: -max(o for o, _ in r.pairs))


def _differences(
    tape: Tape, masks: dict[int, int], among: Iterable[int], node_of_site: Callable[[int], ast.AST]
) -> dict[int, list[tuple[int, int, Any]]]:
    """Nodes that set an output against a target, with both, by the place that computes them."""
    groups: dict[int, list[tuple[int, int, Any]]] = defaultdict(list)
    for n in sorted(among):
        if masks[n] & (POST | STATE):
            continue
        found = residual_pair(tape, masks, n, node_of_site)
        if found is not None:
            groups[tape.nodes[n].site].append((n, *found))
    return groups


def residual_pair(
    tape: Tape, masks: dict[int, int], n: int, node_of_site: Callable[[int], ast.AST]
) -> tuple[int, Any] | None:
    """(output node, target) when node `n` is ``output - target``, ``target - output`` or ``target / output``."""
    node = tape.nodes[n]
    if node.prim == "setitem":
        return _one_hot(tape, masks, n)
    if node.prim not in ("subtract", "divide"):
        return None
    for i in (0, 1):
        output, other = node.inputs[i], node.inputs[1 - i]
        if output == CONST or not masks.get(output, 0) & PARAMETERS:
            continue
        if other != CONST and masks.get(other, 0):
            continue
        if (node.prim == "divide" and i == 0) or _decay(tape, masks, output):
            continue
        if other == CONST and _literal(node_of_site(node.site), 1 - i):
            continue
        target = node.consts[1 - i] if other == CONST else tape.values[other]
        o = tape.values[output]
        if np.size(target) == np.size(o) or (np.size(tape.values[n]) == np.size(o) and np.ndim(target) > 0):
            try:
                shaped = np.broadcast_to(np.asarray(target, dtype=np.float64), np.shape(o))
            except ValueError:
                shaped = np.asarray(target, dtype=np.float64).reshape(np.shape(o))
            return output, shaped
    return None


def _decay(tape: Tape, masks: dict[int, int], n: int) -> bool:
    """Whether a value is a parameter times a number: what a penalty adds to a gradient, nobody's output."""
    if tape.nodes[n].prim != "multiply":
        return False
    while tape.nodes[n].prim == "multiply":
        live = [s for s in tape.nodes[n].inputs if s != CONST and masks.get(s, 0)]
        others = [s for s in tape.nodes[n].inputs if s != CONST and s not in live]
        if len(live) != 1 or any(np.size(tape.values[s]) > 1 for s in others):
            return False
        if any(np.size(c) > 1 for c in tape.nodes[n].consts if c is not None):
            return False
        n = live[0]
    return np.size(tape.values[n]) > 1 and not any(masks.get(s, 0) for s in tape.nodes[n].inputs)


def _literal(node: ast.AST, side: int) -> bool:
    operand = None
    if isinstance(node, ast.BinOp):
        operand = node.right if side else node.left
    elif isinstance(node, ast.AugAssign):
        operand = node.value if side else node.target
    if isinstance(operand, ast.UnaryOp):
        operand = operand.operand
    return isinstance(operand, ast.Constant)


def _one_hot(tape: Tape, masks: dict[int, int], n: int) -> tuple[int, Any] | None:
    """``delta[range(n), y] -= 1``: the output is what was overwritten, the target its one-hot rows."""
    before, new = tape.nodes[n].inputs
    if CONST in (new, before) or not masks.get(before, 0) & PARAMETERS:
        return None
    difference = tape.nodes[new]
    key = tape.nodes[n].static.get("key")
    target = np.zeros(np.shape(tape.values[before]))
    try:
        if difference.prim == "subtract" and difference.inputs[1] == CONST:
            target[key] = difference.consts[1]
        elif np.size(tape.values[new]) and np.abs(tape.values[before][key] - 1 - tape.values[new]).max() < _SAME:
            target[key] = 1.0  # ``-(1 - p[range(n), y])``, however it is spelt
        else:
            return None
    except (IndexError, TypeError, ValueError):
        return None
    return source_of(tape, before), target


def source_of(tape: Tape, node: int) -> int:
    """The node a copy was made from."""
    while tape.nodes[node].prim in ("copy", "asarray", "array") and len(tape.nodes[node].inputs) == 1:
        node = tape.nodes[node].inputs[0]
    return node
