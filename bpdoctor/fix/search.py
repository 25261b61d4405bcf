"""Repair by search: a small expression over the names in scope that equals the wanted adjoint.

Candidates are judged by the recorded values of several steps; nothing is run here. What matches is
still only a proposal until the edited program has been examined again.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

import numpy as np

_EXACT = 1e-8
_MOST_NAMES = 28
_LONGEST = 48
Value = Any
Compute = Callable[[int], Value]  # the value of a text in a step


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A text that can be written at the guilty place, with its value in every step."""

    text: str
    values: tuple[Value, ...]
    atom: bool


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """What the guilty expression should have computed, in each step, and the function f'(z) to use.

    `factors` are formulas of the activation's derivative with ``z`` and ``a`` for the values that the
    terms must equal.
    """

    values: tuple[Value, ...]
    before: tuple[Value, ...] | None = None
    after: tuple[Value, ...] | None = None
    factors: tuple[str, ...] = ()


def find_expressions(wanted: Wanted, terms: Sequence[Term], original: Term, most: int = 4) -> list[str]:
    """Texts that compute the wanted values, simplest and closest to the original first.

    Parameters
    ----------
    wanted : Wanted
    terms : sequence of Term
        Names and small expressions in scope, those of the guilty expression first.
    original : Term
        The guilty expression itself.
    """
    pool = list(terms)[:_MOST_NAMES]
    out: list[str] = []
    for text, compute in _candidates(wanted, pool, original):
        if len(out) >= most:
            break
        if text not in out and len(text) <= 160 and _agrees(compute, wanted.values):
            out.append(text)
    return out


def _agrees(compute: Callable[[int], Value], wanted: Sequence[Value]) -> bool:
    for i, target in enumerate(wanted):
        try:
            with np.errstate(all="ignore"):
                value = np.asarray(compute(i), dtype=np.float64)
        except (ValueError, TypeError, IndexError, ZeroDivisionError, OverflowError, np.exceptions.AxisError):
            return False
        target = np.asarray(target)
        if value.shape != target.shape or not np.isfinite(value).all():
            return False
        if np.abs(value - target).max(initial=0.0) > _EXACT * max(np.abs(target).max(initial=0.0), 1e-300):
            return False
    return True


def _candidates(wanted: Wanted, pool: list[Term], original: Term) -> Iterable[tuple[str, Compute]]:
    """Rewrites of the original first, then products, then sums over an axis."""
    yield from _touched(original)
    factors = list(_factors(wanted, pool))
    for text, compute in factors:
        yield f"{_tight(original)} * {text}", _product(_held(original), compute)
        for t in pool:
            yield f"{_tight(t)} * {text}", _product(_held(t), compute)
    for t in pool:
        yield from _reductions(t)
    for a in pool:
        for b in pool:
            yield from _products(a, b)
    for text, compute in factors:
        for a in pool:
            for b in pool:
                for inner, value in _matrix_products(a, b):
                    yield f"({inner}) * {text}", _product(value, compute)


def _held(term: Term) -> Compute:
    return lambda i: term.values[i]


def _product(a: Compute, b: Compute) -> Compute:
    return lambda i: a(i) * b(i)


def _tight(term: Term) -> str:
    return term.text if term.atom else f"({term.text})"


def _touched(t: Term) -> Iterable[tuple[str, Compute]]:
    yield f"-{_tight(t)}", lambda i: -t.values[i]
    yield f"{_tight(t)}.T", lambda i: np.transpose(t.values[i]) if np.ndim(t.values[i]) == 2 else _no()
    yield f"2 * {_tight(t)}", lambda i: 2 * t.values[i]
    yield f"{_tight(t)} / 2", lambda i: t.values[i] / 2


def _no() -> Value:
    raise ValueError


def _factors(wanted: Wanted, pool: list[Term]) -> Iterable[tuple[str, Compute]]:
    """f'(z) written in whatever name holds z or a."""
    for symbol, held in (("a", wanted.after), ("z", wanted.before)):
        if held is None:
            continue
        names = [t for t in pool if _agrees(_held(t), held)]
        for formula in wanted.factors:
            if symbol not in _names(formula):
                continue
            code = compile(formula, "<factor>", "eval")
            for t in names[:2]:
                yield f"({substituted(formula, symbol, _tight(t))})", _evaluated(code, symbol, t)


def _evaluated(code: CodeType, symbol: str, term: Term) -> Compute:
    """A formula at the values of a term."""
    return lambda i: eval(code, {"np": np, symbol: np.asarray(term.values[i])})


def _names(formula: str) -> set[str]:
    return {n.id for n in ast.walk(ast.parse(formula, mode="eval")) if isinstance(n, ast.Name)}


def substituted(formula: str, symbol: str, name: str) -> str:
    """Write `name` for `symbol` in a formula, keeping the formula's own spacing."""
    out, last = "", 0
    spots = [n for n in ast.walk(ast.parse(formula, mode="eval")) if isinstance(n, ast.Name) and n.id == symbol]
    for n in sorted(spots, key=lambda n: n.col_offset):
        out += formula[last : n.col_offset] + name
        last = n.end_col_offset or last
    return out + formula[last:]


def _reductions(t: Term) -> Iterable[tuple[str, Compute]]:
    yield t.text, _held(t)
    for axis in (0, 1):
        for name, reduce in (("sum", np.sum), ("mean", np.mean)):
            yield f"{_tight(t)}.{name}(axis={axis})", _reduced(reduce, t, axis=axis)
            yield f"{_tight(t)}.{name}(axis={axis}, keepdims=True)", _reduced(reduce, t, axis=axis, keepdims=True)


def _reduced(reduce: Callable[..., Value], term: Term, **options: Any) -> Compute:
    return lambda i: reduce(term.values[i], **options)


def _products(a: Term, b: Term) -> Iterable[tuple[str, Compute]]:
    yield from _matrix_products(a, b)
    yield f"{_tight(a)} * {_tight(b)}", lambda i: a.values[i] * b.values[i]
    yield f"{_tight(a)} - {_tight(b)}", lambda i: a.values[i] - b.values[i]
    yield f"np.outer({a.text}, {b.text})", lambda i: np.outer(a.values[i], b.values[i])
    yield f"{_tight(a)} + {_tight(b)}", lambda i: a.values[i] + b.values[i]


def _matrix_products(a: Term, b: Term) -> Iterable[tuple[str, Compute]]:
    if min(np.ndim(a.values[0]), np.ndim(b.values[0])) < 1 or max(np.ndim(a.values[0]), np.ndim(b.values[0])) > 2:
        return
    x, y = _tight(a), _tight(b)
    yield f"{x} @ {y}", lambda i: _mul(a.values[i], b.values[i])
    yield f"{x}.T @ {y}", lambda i: _mul(np.transpose(a.values[i]), b.values[i])
    yield f"{x} @ {y}.T", lambda i: _mul(a.values[i], np.transpose(b.values[i]))
    n = np.shape(a.values[0])[0]
    if n > 1:
        yield f"{x}.T @ {y} / len({a.text})", lambda i: _mul(np.transpose(a.values[i]), b.values[i]) / len(a.values[i])


def _mul(a: Value, b: Value) -> Value:
    return np.asarray(a) @ np.asarray(b)
