"""Small expressions put together from names in scope: what may be missing from a value, or stand in its place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from bpdoctor.fix.entrywise import of_matrix, product
from bpdoctor.fix.ratio import Target
from bpdoctor.fix.scope import Term, evaluated, functions_in_scope, is_numeric
from bpdoctor.fix.spread import level
from bpdoctor.fix.stretch import Scope, Stretch
from bpdoctor.fix.writing import atom, factor, held

_MOST_ARRAYS = 16
_MOST_SCALARS = 10
# Two factors that are nearer than this are one: what single precision leaves of a ratio of arrays.
_SAME = 1e-6
Found = tuple[float, str]
Constant = tuple[float, float, str]


def composed(terms: Sequence[Term], shape: tuple[int, ...]) -> Iterator[Term]:
    """Products and sums over an axis of the names in scope, of one shape."""
    yield from (t for t in terms if t.shape == shape and shape)
    names = {t.text for t in terms}
    # What is written transposed is made here from what it transposes.
    apart = [t for t in terms if t.shape and t.text.removesuffix(".T") not in names - {t.text}]
    arrays = apart[:_MOST_ARRAYS]
    for a in arrays:
        yield from _reduced(a, shape)
    for a in arrays if shape else ():
        if a.shape == shape and np.asarray(a.value).dtype.kind == "f":
            yield from (_signs(a, t) for t in terms if not t.shape and t.value > 0)
            # A limit that no entry reaches says nothing, and one that all pass leaves their signs only.
            sizes = np.abs(np.asarray(a.value))
            within = sizes.min(initial=np.inf), sizes.max(initial=0.0)
            yield from (_clipped(a, t) for t in terms if not t.shape and within[0] < t.value < within[1])
    for a in arrays:
        for b in arrays:
            yield from _products(a, b, shape)
    for a in arrays:
        for b in arrays:
            if a is not b and a.shape == b.shape == shape and not isinstance(a.value, np.matrix):
                yield from _centred(a, b)


def _clipped(a: Term, limit: Term) -> Term:
    """``np.clip(r, -delta, delta)``: what a loss gives back that is linear far out."""
    return Term(f"np.clip({a.text}, -{factor(limit.text)}, {limit.text})", np.clip(a.value, -limit.value, limit.value))


def _signs(a: Term, size: Term) -> Term:
    """``rate * np.sign(w)``: the derivative of a sum of absolute values."""
    return Term(f"{held(size.text)} * np.sign({a.text})", size.value * np.sign(a.value))


def _made(text: str, value: Any, shape: tuple[int, ...]) -> Iterator[Term]:
    if np.shape(value) == shape and shape:
        yield Term(text, value)


def _products(a: Term, b: Term, shape: tuple[int, ...]) -> Iterator[Term]:
    if id(a) < id(b) or a.shape != b.shape:
        yield from _tried(f"{held(a.text)} * {factor(b.text)}", lambda: a.value * b.value, shape)
    if min(len(a.shape), len(b.shape)) < 1:
        return
    yield from _tried(f"{held(a.text)} @ {factor(b.text)}", lambda: a.value @ b.value, shape)
    if len(a.shape) == 2:
        yield from _tried(f"{atom(a.text)}.T @ {factor(b.text)}", lambda: np.transpose(a.value) @ b.value, shape)
    if len(b.shape) == 2:
        yield from _tried(f"{held(a.text)} @ {atom(b.text)}.T", lambda: a.value @ np.transpose(b.value), shape)
    if len(a.shape) == len(b.shape) == 1:
        yield from _tried(f"np.outer({a.text}, {b.text})", lambda: np.outer(a.value, b.value), shape)


def _tried(text: str, value: Any, shape: tuple[int, ...]) -> Iterator[Term]:
    try:
        with np.errstate(all="ignore"):
            yield from _made(text, value(), shape)
    except (ValueError, TypeError, MemoryError):
        return


def _reduced(a: Term, shape: tuple[int, ...]) -> Iterator[Term]:
    for axis in range(min(len(a.shape), 4)):
        for name in ("sum", "mean"):
            plain = getattr(np, name)(a.value, axis=axis)
            yield from _made(f"{atom(a.text)}.{name}(axis={axis})", plain, shape)
            wide = np.expand_dims(plain, axis)
            yield from _made(f"{atom(a.text)}.{name}(axis={axis}, keepdims=True)", wide, shape)


def _centred(a: Term, b: Term) -> Iterator[Term]:
    """``a * (a * b).sum(axis)``: what one step through a sum over the same entries takes away."""
    for axis in (-1, 0) if len(a.shape) > 1 else (-1,):
        for name in ("sum", "mean"):
            wide = "" if axis == 0 and len(a.shape) == 2 else ", keepdims=True"
            total = getattr(np, name)(a.value * b.value, axis=axis, keepdims=True)
            inner = f"({held(a.text)} * {factor(b.text)})"
            inner += f".{name}(axis={axis}{wide})" if len(a.shape) > 1 else f".{name}()"
            yield Term(f"{held(a.text)} * {inner}", a.value * total)
            # The softmax's whole derivative at once.
            if name == "sum":
                yield Term(f"{held(a.text)} * ({b.text} - {inner})", a.value * (b.value - total))


def missing(
    own: Any,
    wanted: Any,
    written: str,
    numbers: Sequence[Constant],
    pool: Sequence[Term],
    spread: Sequence[Term] = (),
) -> Iterator[Found]:
    """The value with a constant, a factor or a summand more that makes it what is wanted.

    `spread` are summands of fewer entries.
    """
    now, target = own, Target(wanted)
    own = np.asarray(own, dtype=np.float64)
    ratio = target.ratio(own)
    for cost, text in _as_constant(ratio, numbers) if ratio is not None else ():
        yield 1.1 + cost, _scaled(written, text)
    if own.shape != target.shape or not np.isfinite(own).all():
        return
    rest = Target((target.value - own).astype(target.kind))
    for t in (*pool, *spread) if spread and level(rest.value) else pool:
        value = np.asarray(t.value, dtype=np.float64)
        ratio = rest.ratio(value)
        for cost, text in _as_constant(ratio, numbers) if ratio is not None else ():
            summand = _scaled(t.text, text.removeprefix("-"))
            order = f"{written} {'-' if text.startswith('-') else '+'} {held(summand)}"
            yield 1.6 + cost + t.chance, order
        ratio = target.ratio(own, value)
        for cost, text in _as_constant(ratio, numbers) if ratio is not None else ():
            yield 1.7 + cost + t.chance, _scaled(product(written, t.text, now, t.value), text)


def instead(wanted: Any, numbers: Sequence[Constant], pool: Sequence[Term]) -> Iterator[Found]:
    """Expressions that are what is wanted by themselves."""
    target = Target(wanted)
    for t in pool:
        ratio = target.ratio(np.asarray(t.value, dtype=np.float64))
        for cost, text in _as_constant(ratio, numbers) if ratio is not None else ():
            yield 2.2 + cost, _scaled(t.text, text)


def within_reach(
    node: ast.expr, own: Any, wanted: Any, value: Callable[[ast.expr], Any]
) -> Iterator[tuple[ast.expr, Any, Any]]:
    """An expression and its operands, each with its value and with what it would have to be.

    What an operand would have to be is what the operator, taken back, makes of the wanted value; where the
    operator cannot be taken back (a factor that is zero somewhere) the way ends.
    """
    yield node, own, wanted
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield from within_reach(node.operand, -np.asarray(own), -wanted, value)
    if not isinstance(node, ast.BinOp):
        return
    left, right = value(node.left), value(node.right)
    if not is_numeric(left) or not is_numeric(right) or isinstance(left, np.matrix):
        return
    for side, here, other in ((node.left, left, right), (node.right, right, left)):
        with np.errstate(all="ignore"):
            back = _taken_back(node, side is node.left, wanted, np.asarray(other, dtype=np.float64))
        if back is not None and np.shape(back) == np.shape(here) and np.isfinite(back).all():
            yield from within_reach(side, here, back, value)


def _taken_back(node: ast.BinOp, left: bool, wanted: Any, other: Any) -> Any:
    match node.op:
        case ast.Add():
            return wanted - other
        case ast.Sub():
            return wanted + other if left else other - wanted
        case ast.Mult():
            return wanted / other
        case ast.Div():
            return wanted * other if left else None
    return None


def constants(terms: Sequence[Term]) -> list[Constant]:
    """(value, cost, text) of factors that can be written, the likeliest first."""
    return sorted(_constants(terms), key=lambda n: n[1])


def _constants(terms: Sequence[Term]) -> Iterator[Constant]:
    """Factors of all sorts: sizes and settings by their names."""
    yield 1.0, 0.0, ""
    yield -1.0, 0.1, "-"
    # A plain number may be the value of a setting, which is what it should be called.
    yield 2.0, 0.45, "2 *"
    yield 0.5, 0.45, "/ 2"
    scalars = [t for t in terms if not t.shape and np.isfinite(t.value) and t.value][:_MOST_SCALARS]
    named = [(float(t.value), t.chance, t.text) for t in scalars]
    arrays = [t for t in terms if t.shape][:6]
    named += [(float(t.shape[0]), 0.05, f"len({t.text})") for t in arrays]
    named += [(float(np.size(t.value)), 0.1, f"{atom(t.text)}.size") for t in arrays]
    for value, chance, text in named:
        for sign, minus in ((1.0, ""), (-1.0, "-")):
            less = chance + (0.1 if minus else 0.0)
            yield sign * value, 0.3 + less, f"{minus}{factor(text)} *"
            yield sign / value, 0.3 + less, f"{minus}/ {factor(text)}"
            yield sign * 2 * value, 0.7 + less, f"{minus}2 * {factor(text)} *"
            yield sign * 2 / value, 0.7 + less, f"{minus}2 / {factor(text)}"
    settings = named[: min(len(scalars), 6)]
    for i, (value, less, text) in enumerate(settings):
        for other, chance, name in settings[i + 1 :]:
            yield value * other, 0.6 + less + chance, f"{factor(text)} * {factor(name)} *"
    for value, less, text in named[:6]:
        for other, chance, count in named:
            yield value / other, 0.8 + less + chance, f"{factor(text)} / {factor(count)} *"
            yield 2 * value / other, 0.9 + less + chance, f"2 * {factor(text)} / {factor(count)} *"


def _as_constant(ratio: float, numbers: Sequence[Constant]) -> Iterator[tuple[float, str]]:
    seen = 0
    if abs(abs(ratio) - 1) <= _SAME:
        yield (0.0, "") if ratio > 0 else (0.1, "-")
        return
    for value, cost, text in numbers:
        if abs(value - ratio) <= _SAME * abs(ratio):
            yield cost, text
            seen += 1
            if seen == 3:
                return


def _scaled(text: str, constant: str) -> str:
    """A text times a constant as `constants` writes it."""
    minus, rest = ("-", constant[1:]) if constant.startswith("-") else ("", constant)
    if not rest:
        return f"-{factor(text)}" if minus else text
    if rest.startswith("/"):
        return f"{minus}{held(text) if not minus else factor(text)} {rest}"
    if rest.endswith("*"):
        return f"{minus}{rest} {held(text)}" if "/" not in rest else f"{minus}{rest} {factor(text)}"
    return f"{minus}{rest} * {factor(text)}"


def slopes(
    stretch: Stretch, scope: Scope, formulas: Sequence[str], terms: Sequence[Term], shape: tuple[int, ...]
) -> Iterator[Term]:
    """f'(z) as the user's own functions give it, or written out, of every name of the shape."""
    alike = [t for t in terms if t.shape == shape][:8]
    called: list[Any] = []
    for name, _ in functions_in_scope(scope)[:10]:
        for t in alike:
            value = evaluated(stretch, scope, f"{name}({t.text})")
            if is_numeric(value) and np.shape(value) == shape:
                called.append(value)
                yield Term(f"{name}({t.text})", value)
    for formula in formulas:
        symbol = "a" if "a" in {n.id for n in ast.walk(ast.parse(formula)) if isinstance(n, ast.Name)} else "z"
        for t in alike:
            fitting = of_matrix(formula) if isinstance(t.value, np.matrix) else formula
            text = substituted(fitting, symbol, factor(t.text))
            value = evaluated(stretch, scope, text)
            fits = is_numeric(value) and np.shape(value) == shape
            if fits and not any(np.allclose(value, v, 1e-12, 0) for v in called):
                yield Term(text, value)


def substituted(formula: str, symbol: str, name: str) -> str:
    """Write `name` for `symbol` in a formula, keeping the formula's own spacing."""
    out, last = "", 0
    spots = [n for n in ast.walk(ast.parse(formula, mode="eval")) if isinstance(n, ast.Name) and n.id == symbol]
    for n in sorted(spots, key=lambda n: n.col_offset):
        out += formula[last : n.col_offset] + name
        last = n.end_col_offset or last
    return out + formula[last:]
