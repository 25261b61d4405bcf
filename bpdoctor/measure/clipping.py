"""Clipping on the way from a gradient to its parameter: bounds that are swapped, factors that enlarge."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from bpdoctor.identify.dependence import cuts
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Store

_PASSING = frozenset(
    {"add", "subtract", "multiply", "divide", "negative", "copy", "asarray", "sqrt", "power", "square", "clip"}
)
_SAME = 1e-9


@record
class Clipping:
    """At `site`: "swapped" bounds (`low` above `high`), or a norm clipping that "enlarges" by the factor `low`.

    Or "squared": the square of the norm stands for it, and leaves the norm `low` where `high` is meant.
    """

    kind: str
    site: int
    update: int
    low: float
    high: float


Found = tuple[str, int, float, float]


def clippings(examination: Examination) -> list[Clipping]:
    """Clippings of gradients that do what no clipping does; one a place."""
    out: dict[tuple[str, int], Clipping] = {}
    for view in [*examination.views, *examination.late]:
        for squared in _squared(examination, view):
            out.setdefault((squared.kind, squared.site), squared)
        for chain in view.step.parameters:
            for n in _stretch(view, [t.node for u in chain.updates for t in u.terms]):
                for found in (_swapped(view, n), _enlarging(examination, view, n) or _longer(examination, view, n)):
                    if found is not None:
                        kind, site, low, high = found
                        out.setdefault((kind, site), Clipping(kind, site, chain.updates[0].site, low, high))
    return list(out.values())


def _stretch(view: View, roots: list[int]) -> Iterator[int]:
    """Elementwise values between a gradient and its parameter."""
    pending = list(roots)
    seen: set[int] = set()
    while pending and len(seen) < 80:
        n = pending.pop()
        if n == CONST or n in seen or n not in view.masks or view.tape.nodes[n].prim not in _PASSING:
            continue
        seen.add(n)
        yield n
        pending.extend(view.tape.nodes[n].inputs)


def _swapped(view: View, n: int) -> Found | None:
    node = view.tape.nodes[n]
    if node.prim != "clip":
        return None
    given = [c if s == CONST else view.tape.values[s] for s, c in zip(node.inputs, node.consts, strict=True)][1:]
    bounds = [*given, *(node.static[k] for k in ("a_min", "min", "a_max", "max") if k in node.static)]
    if len(bounds) != 2 or any(b is None or np.size(b) != 1 for b in bounds):
        return None
    low, high = (float(np.asarray(b).reshape(())) for b in bounds)
    return ("swapped", node.site, low, high) if low > high else None


def _enlarging(examination: Examination, view: View, n: int) -> Found | None:
    """A factor above 1, computed from the size of what it multiplies, under a condition on that size."""
    node, tape = view.tape.nodes[n], view.tape
    if node.prim not in ("multiply", "divide") or CONST in node.inputs:
        return None
    for i in (0, 1) if node.prim == "multiply" else (0,):
        array, number = node.inputs[i], node.inputs[1 - i]
        if np.size(tape.values[number]) != 1 or np.size(tape.values[array]) == 1 or number not in view.masks:
            continue
        number = _without_rate(view, number)
        factor = float(np.asarray(tape.values[number]).reshape(()))
        factor = 1 / factor if node.prim == "divide" and factor else factor
        if factor <= 1 + 1e-9:
            continue
        bound = _bounded_by_one(examination, tape.nodes[number].site)
        if bound is not None and _of_size(view, array, number):
            return "enlarges", bound, factor, 1.0
        condition = _condition(examination.sites[node.site])
        if condition is not None and _of_size(view, array, number):
            # limit / norm is above 1 only where the condition lets short gradients pass.
            inverse = _inverse(view, number) != (node.prim == "divide")
            tested = _site_of(examination, node.site, condition) if inverse else None
            return "enlarges", node.site if tested is None else tested, factor, 1.0
    return None


def _longer(examination: Examination, view: View, n: int) -> Found | None:
    """A product with the size of what is multiplied, in several factors, under a condition that it is large."""
    tape, array = view.tape, n
    condition = _condition(examination.sites[tape.nodes[n].site])
    size: int | None = None
    if condition is None:
        return None
    while (found := _number_beside(view, array)) is not None:
        array, number, upright = found
        if number in view.masks:
            if size is not None or not upright:
                return None
            size = number
        if size is not None and _of_size(view, array, size):
            large = _asks_for_large(examination, view, condition, size)
            before, after = (float(np.linalg.norm(tape.values[m])) for m in (array, n))
            if large and after > (1 + _SAME) * before > 0:
                return "enlarges", tape.nodes[n].site, after / before, 1.0
    return None


def _number_beside(view: View, n: int) -> tuple[int, int, bool] | None:
    """What a value is a multiple of by a number, the number, and whether that stands above the line."""
    node, values = view.tape.nodes[n], view.tape.values
    if node.prim not in ("multiply", "divide"):
        return None
    for i in (0, 1) if node.prim == "multiply" else (0,):
        array, number = node.inputs[i], node.inputs[1 - i]
        single = number == CONST or np.size(values[number]) == 1
        if array != CONST and single and np.shape(values[array]) == np.shape(values[n]):
            return array, number, node.prim == "multiply"
    return None


def _asks_for_large(examination: Examination, view: View, condition: ast.Compare, number: int) -> bool:
    """Whether a comparison holds where this number is the larger side."""
    names = {e.name for e in view.tape.events if isinstance(e, Store) and e.node == number}
    names.add(ast.unparse(examination.sites[view.tape.nodes[number].site].node))
    sides = [ast.unparse(condition.left), ast.unparse(condition.comparators[0])]
    above = isinstance(condition.ops[0], ast.Gt | ast.GtE)
    below = isinstance(condition.ops[0], ast.Lt | ast.LtE)
    return (above and sides[0] in names) or (below and sides[1] in names)


def _squared(examination: Examination, view: View) -> Iterator[Clipping]:
    """Gradients that are multiplied by a constant over the sum of their squares, under a condition on that sum."""
    tape = view.tape
    scaled: dict[int, dict[int, int]] = {}
    for chain in view.step.parameters:
        for n in _stretch(view, [t.node for u in chain.updates for t in u.terms]):
            node = tape.nodes[n]
            for i in (0, 1) if node.prim == "multiply" and CONST not in node.inputs else ():
                quotient = tape.nodes[_without_rate(view, node.inputs[1 - i])]
                if quotient.prim == "divide" and quotient.inputs[0] not in view.masks and quotient.inputs[1] != CONST:
                    scaled.setdefault(quotient.inputs[1], {})[node.inputs[i]] = n
    for size, arrays in scaled.items():
        total = float(sum(np.sum(np.square(tape.values[a])) for a in arrays))
        n = next(iter(arrays.values()))
        sites = [examination.sites[i] for i in (tape.nodes[n].site, tape.nodes[size].site)]
        number = np.ravel(tape.values[size])
        same = number.size == 1 and abs(float(number[0]) - total) <= _SAME * total
        if same and any(_condition(site) is not None for site in sites):
            after = float(np.sqrt(sum(np.sum(np.square(tape.values[n])) for n in arrays.values())))
            yield Clipping("squared", tape.nodes[size].site, tape.nodes[n].site, after, after * np.sqrt(total))


def _without_rate(view: View, number: int) -> int:
    """A number that the network has a part in, without the constants it is multiplied by."""
    while view.tape.nodes[number].prim == "multiply":
        varying = [s for s in view.tape.nodes[number].inputs if s in view.masks]
        if len(varying) != 1:
            break
        number = varying[0]
    return number


def _bounded_by_one(examination: Examination, at: int) -> int | None:
    """The site that takes the larger, or the smaller, of 1 and the expression at a site or of what it is.

    The one of the two that is taken keeps its own identity: ``max(1.0, x)`` is `x`.
    """
    site = examination.sites[at]
    for i in range(len(examination.sites)):
        call = examination.sites[i].node
        if examination.sites[i].source is not site.source or not isinstance(call, ast.Call) or len(call.args) != 2:
            continue
        of_two = ast.unparse(call.func).rpartition(".")[2] in ("max", "min", "maximum", "minimum", "fmax", "fmin")
        one = any(isinstance(a, ast.Constant) and a.value == 1 for a in call.args)
        if of_two and one and (call is site.node or any(_same_place(a, site.node) for a in call.args)):
            return i
    return None


def _same_place(one: ast.AST, other: ast.AST) -> bool:
    return _place(one) == _place(other)


def _place(node: ast.AST) -> tuple[int | None, ...]:
    return tuple(getattr(node, name, None) for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"))


def _of_size(view: View, array: int, number: int) -> bool:
    """Whether the factor depends on the array itself, alone or with other gradients, and on nothing else of it."""
    pending = [number]
    seen: set[int] = set()
    while pending and len(seen) < 400:
        n = pending.pop()
        if n == array:
            return True
        if n != CONST and n not in seen and n in view.masks:
            seen.add(n)
            pending.extend(view.tape.nodes[n].inputs)
    return array in cuts(view.tape, number, view.masks)


def _inverse(view: View, number: int) -> bool:
    """Whether the size stands below the line."""
    node = view.tape.nodes[number]
    return node.prim == "divide" and node.inputs[1] in view.masks


def _condition(site: Any) -> ast.Compare | None:
    """The comparison of a number the statement works with, under which the statement stands."""
    statement = site.statement
    if statement is None:
        return None
    around = [test for body, test in _branches(site.source.text) if any(statement.lineno in lines for lines in body)]
    used = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)} if around else set()
    tested = ({n.id for n in ast.walk(test) if isinstance(n, ast.Name)} for test in around)
    return next((test for test, names in zip(around, tested, strict=True) if names & used), None)


@lru_cache(maxsize=16)
def _branches(text: str) -> tuple[tuple[tuple[range, ...], ast.Compare], ...]:
    """The lines of what stands under each comparison of a file."""
    return tuple(
        (tuple(range(b.lineno, (b.end_lineno or b.lineno) + 1) for b in node.body), node.test)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.If) and isinstance(node.test, ast.Compare)
    )


def _site_of(examination: Examination, near: int, node: ast.expr) -> int | None:
    """The site of an expression of the same file."""
    source = examination.sites[near].source
    for i in range(len(examination.sites)):
        site = examination.sites[i]
        at = site.node
        here = isinstance(at, ast.Compare) and (at.lineno, at.col_offset) == (node.lineno, node.col_offset)
        if here and site.source is source:
            return i
    return None


MEASURE = Measurement("clipping", clippings)
