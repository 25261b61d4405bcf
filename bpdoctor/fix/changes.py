"""Small changes of one expression of the user's: each with what it costs in likeliness."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, permutations

import numpy as np

from bpdoctor.fix.indices import windows
from bpdoctor.fix.layouts import laid_out
from bpdoctor.fix.scope import Term
from bpdoctor.fix.writing import Text, atom, factor, held, is_number

Change = tuple[float, ast.expr, str]
Shape = Callable[[ast.expr], tuple[int, ...] | None]
_REDUCING = frozenset({"sum", "mean", "max", "min", "argmax", "cumsum", "softmax"})
_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@"}
_OTHER = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*"}


def changes_of(node: ast.expr, text: Text, terms: Sequence[Term], shape: Shape) -> Iterator[Change]:
    """Everything that is tried at one expression.

    Parameters
    ----------
    node : expression
    text : Text
    terms : sequence of Term
        What can be written there instead.
    shape : callable
        The shape of the value of an expression, None where it is unknown.
    """
    own = _filled(node, text, shape)
    yield from _swapped(node, text, terms, own)
    yield from _multiplied(node, text, shape)
    yield from _squared(node, text)
    yield from _turned(node, text, own)
    yield from _hoisted(node, text, shape)
    yield from _negated(node, text, own)
    if isinstance(node, ast.BinOp):
        yield from _operated(node, text)
        yield from _other_side(node, text, terms, own)
    elif isinstance(node, ast.UnaryOp):
        yield 1.2 if isinstance(node.operand, ast.Constant) else 0.8, node, text.of(node.operand)
    elif isinstance(node, ast.Call):
        yield from _called(node, text, shape)
        yield from laid_out(node, text, shape)
    elif isinstance(node, ast.Subscript):
        yield from windows(node, text)
    elif isinstance(node, ast.Tuple):
        yield from _ordered(node, text)
    elif isinstance(node, ast.Constant):
        yield from _constants(node, text, terms)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield from _compared(node, text)
    if own is not None:
        yield from _joined(node, text, terms, own)


def _filled(node: ast.expr, text: Text, shape: Shape) -> tuple[int, ...] | None:
    """The shape of a value, or of the part of an array that it is spread over."""
    statement = text.parents.get(node)
    targets = [getattr(statement, "target", None), *getattr(statement, "targets", [])]
    target = next((t for t in targets if isinstance(t, ast.Subscript)), None)
    whole = shape(target) if target is not None and node is getattr(statement, "value", None) else None
    return shape(node) if whole is None else whole


def _swapped(node: ast.expr, text: Text, terms: Sequence[Term], own: tuple[int, ...] | None) -> Iterator[Change]:
    """Another name of the same shape."""
    if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript) or own is None:
        return
    written = text.of(node)
    for rank, t in enumerate(terms):
        if t.shape == own and t.text != written:
            yield 1.0 + t.chance + 0.005 * rank, node, t.text


def _multiplied(node: ast.expr, text: Text, shape: Shape) -> Iterator[Change]:
    """A product that the function writes elsewhere with this name in it: ``error * o * (1 - o)`` for ``error``."""
    own = shape(node)
    if not isinstance(node, ast.Name | ast.Attribute) or not own:
        return
    written = text.of(node)
    for other in ast.walk(text.scope(node)):
        if isinstance(other, ast.BinOp) and written in map(text.of, _factors(other)) and shape(other) == own:
            yield 1.25, node, text.of(other)


def _factors(node: ast.expr) -> Iterator[ast.expr]:
    """What a product is made from."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield from _factors(node.left)
        yield from _factors(node.right)
    else:
        yield node


def _squared(node: ast.expr, text: Text) -> Iterator[Change]:
    """What is taken from a number: ``1 - h ** 2`` for ``1 - h``."""
    above = text.parents.get(node)
    taken = isinstance(above, ast.BinOp) and isinstance(above.op, ast.Sub) and node is above.right
    if (
        taken
        and isinstance(above, ast.BinOp)
        and isinstance(above.left, ast.Constant)
        and not isinstance(node, ast.BinOp)
    ):
        yield 0.9, node, f"{atom(text.of(node))} ** 2"


def _turned(node: ast.expr, text: Text, own: tuple[int, ...] | None) -> Iterator[Change]:
    """Transposed, or with a transposition taken back."""
    written = text.of(node)
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield 0.7, node, text.of(node.value)
    if own is None or len(own) < 2:
        return
    if len(own) == 2:
        if not (isinstance(node, ast.Attribute) and node.attr == "T"):
            yield 0.8, node, f"{atom(written)}.T"
        return
    swap = [*range(len(own) - 2), len(own) - 1, len(own) - 2]
    yield 0.8, node, f"{atom(written)}.transpose({', '.join(map(str, swap))})"
    if len(own) <= 4:
        for order in permutations(range(len(own))):
            if list(order) not in (swap, sorted(order)):
                yield 1.4, node, f"{atom(written)}.transpose({', '.join(map(str, order))})"


def _hoisted(node: ast.expr, text: Text, shape: Shape) -> Iterator[Change]:
    """A part of the expression in place of all of it."""
    own = shape(node)
    if not isinstance(node, ast.BinOp | ast.Call | ast.Subscript) or own is None:
        return
    for depth, inner in enumerate(parts_of(node)):
        if shape(inner) == own:
            yield 0.9 + 0.1 * depth, node, text.of(inner)


def _negated(node: ast.expr, text: Text, own: tuple[int, ...] | None) -> Iterator[Change]:
    """The argument of a function with its sign turned: ``np.exp(-z)``."""
    call = text.parents.get(node)
    known = isinstance(call, ast.Call) and text.of(call.func).startswith(("np.", "numpy.", "math."))
    argument = known and isinstance(call, ast.Call) and node in call.args
    if own is not None and argument and not isinstance(node, ast.Constant | ast.UnaryOp):
        yield 1.2, node, f"-{factor(text.of(node))}"


def parts_of(node: ast.AST) -> Iterator[ast.expr]:
    """What an expression is put together from, the largest first."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.BinOp | ast.Call | ast.Name | ast.Attribute | ast.Subscript | ast.UnaryOp):
            yield child
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.BinOp):
            yield from parts_of(child)


def _operated(node: ast.BinOp, text: Text) -> Iterator[Change]:
    """Another operator, or the sides exchanged."""
    left, right = text.of(node.left), text.of(node.right)
    other = _OTHER.get(type(node.op))
    if other in ("*", "/"):
        yield 1.0, node, f"{held(left)} {other} {factor(right)}"
    elif other is not None:
        yield 0.9, node, f"{left} {other} {held(right)}"
        if other == "+":
            yield 0.9, node, f"{right} - {held(left)}"
            yield 1.0, node, f"-{factor(left)} - {held(right)}"
    if isinstance(node.op, ast.MatMult):
        yield 1.2, node, f"{held(right)} @ {factor(left)}"


def _other_side(node: ast.BinOp, text: Text, terms: Sequence[Term], own: tuple[int, ...] | None) -> Iterator[Change]:
    """Another factor or divisor than the last one."""
    if own is None or not isinstance(node.op, ast.Mult | ast.Div):
        return
    left = held(text.of(node.left))
    for rank, t in enumerate(terms):
        if _spreads(t.shape, own):
            yield (
                1.5 + t.chance + 0.005 * rank,
                node,
                f"{left} {'/' if isinstance(node.op, ast.Mult) else '*'} {factor(t.text)}",
            )


def _called(node: ast.Call, text: Text, shape: Shape) -> Iterator[Change]:
    """Other axes; sum for mean; arguments exchanged."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    written = text.of(node)
    head = text.of(node.func)
    if name in _REDUCING:
        yield from _axes(node, text, shape)
        for old, new in (("sum", "mean"), ("mean", "sum")):
            if name == old:
                yield 1.0, node, f"{head[: -len(old)]}{new}{written[len(head) :]}"
    if name in ("reshape", "transpose", "swapaxes"):
        yield 1.4, node, f"{atom(text.of(node.func.value))}" if isinstance(node.func, ast.Attribute) else written
    if name == "transpose" and 2 < len(node.args) <= 6 and all(isinstance(a, ast.Constant) for a in node.args):
        yield from _exchanged(node, [text.of(a) for a in node.args], f"{head}({{}})")
    if len(node.args) == 2 and not node.keywords:
        a, b = map(text.of, node.args)
        yield 1.2, node, f"{head}({b}, {a})"


def _axes(node: ast.Call, text: Text, shape: Shape) -> Iterator[Change]:
    others = [k for k in node.keywords if k.arg != "axis"]
    method = isinstance(node.func, ast.Attribute) and not (
        isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "numpy")
    )
    args = [text.of(a) for a in node.args[: 0 if method else 1]]
    kept = [f"{k.arg}={text.of(k.value)}" for k in others]
    wide = any(k.arg == "keepdims" for k in others)
    whole = node.func.value if method and isinstance(node.func, ast.Attribute) else next(iter(node.args), None)
    several = combined(len(shape(whole) or ()) if whole is not None else 0)
    for axis in dict.fromkeys((*text.axes(), "0", "1", "-1", "-2", "2", *several, "")):
        said = [f"axis={axis}"] if axis else []
        yield 0.8, node, f"{text.of(node.func)}({', '.join([*args, *said, *kept])})"
        if not wide and axis:
            yield 1.0, node, f"{text.of(node.func)}({', '.join([*args, *said, *kept, 'keepdims=True'])})"


def combined(axes: int) -> list[str]:
    """Two or more of the axes of an array, but not all."""
    found = [c for count in range(2, axes) for c in combinations(range(min(axes, 4)), count)]
    return [str(c) for c in found]


def _exchanged(node: ast.expr, parts: list[str], form: str) -> Iterator[Change]:
    for i in range(len(parts)):
        for j in range(i + 1, len(parts)):
            other = [*parts]
            other[i], other[j] = parts[j], parts[i]
            if other != parts:
                yield 1.0, node, form.format(", ".join(other))


def _ordered(node: ast.Tuple, text: Text) -> Iterator[Change]:
    """Elements of a subscript or a shape exchanged."""
    yield from _exchanged(
        node,
        [text.of(e) for e in node.elts],
        "{}" if text.data[text.start(node) : text.start(node) + 1] != b"(" else "({})",
    )


def _constants(node: ast.Constant, text: Text, terms: Sequence[Term]) -> Iterator[Change]:
    """Another number: one that is written elsewhere in the file, a setting by its name, the whole number beside it."""
    if not is_number(node):
        return
    for rank, (number, named) in enumerate(text.numbers(node)):
        # What has a name should be called by it; the number itself may still be out of the name's reach.
        yield (1.4 if named else 1.1) + 0.005 * rank, node, number
    for rank, t in enumerate(t for t in terms if not t.shape):
        yield 1.2 + t.chance + 0.005 * rank, node, t.text
    if isinstance(node.value, int):
        for other in (node.value - 1, node.value + 1):
            yield 1.3, node, str(other)


def _compared(node: ast.Compare, text: Text) -> Iterator[Change]:
    left, right = text.of(node.left), text.of(node.comparators[0])
    for sign in (">", "<", ">=", "<=", "=="):
        yield 1.1, node, f"{left} {sign} {right}"


def _joined(node: ast.expr, text: Text, terms: Sequence[Term], own: tuple[int, ...]) -> Iterator[Change]:
    """A factor, a divisor or a summand more."""
    written = text.of(node)
    if not isinstance(node, ast.Constant):
        yield 1.3, node, f"2 * {factor(written)}"
        yield 1.4, node, f"{held(written)} / 2"
    for rank, t in enumerate(terms):
        if not _spreads(t.shape, own) or t.text == written:
            continue
        later = t.chance + 0.005 * rank
        yield 1.3 + later, node, f"{held(written)} * {factor(t.text)}"
        yield 1.4 + later, node, f"{held(written)} / {factor(t.text)}"
        if t.shape == own or not t.shape:
            yield 1.35 + later, node, f"{held(written, 2)} + {t.text}"
            yield 1.4 + later, node, f"{held(written, 2)} - {held(t.text)}"


def _spreads(shape: tuple[int, ...], own: tuple[int, ...]) -> bool:
    """Whether a value of one shape goes into another without growing it."""
    try:
        return np.broadcast_shapes(shape, own) == own
    except ValueError:
        return False
