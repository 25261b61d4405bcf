"""Roots and squares, however a program writes them: ``np.sqrt(x)``, ``x ** 0.5``, ``x * x``."""

from __future__ import annotations

import numpy as np

from bpdoctor.model.tape import CONST, Tape


def is_root(tape: Tape, n: int) -> bool:
    """Whether a value is the square root of another."""
    node = tape.nodes[n]
    return node.prim == "sqrt" or (node.prim == "power" and exponent(tape, n) == 0.5)


def is_square(tape: Tape, n: int) -> bool:
    """Whether a value is the square of another."""
    node = tape.nodes[n]
    same = node.prim == "multiply" and node.inputs[0] == node.inputs[1] != CONST
    return same or node.prim == "square" or (node.prim == "power" and exponent(tape, n) == 2)


def exponent(tape: Tape, n: int) -> float | None:
    """The one number that a power is taken to."""
    node = tape.nodes[n]
    found = node.consts[1] if node.inputs[1] == CONST else tape.values[node.inputs[1]]
    return float(np.asarray(found).reshape(())) if np.size(found) == 1 else None
