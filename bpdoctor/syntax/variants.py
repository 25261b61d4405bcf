"""Small changes of a statement, as text: what is tried as a repair where running the program decides."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

Variant = tuple[ast.AST, str]


_SIZES = frozenset({"np.abs", "np.absolute", "np.fabs", "abs", "numpy.abs"})


def _plain(node: ast.AST) -> bool:
    return isinstance(node, ast.Name | ast.Attribute | ast.Subscript)


def _value(statement: ast.stmt | None) -> ast.expr | None:
    value = getattr(statement, "value", None)
    return value if isinstance(value, ast.expr) else None


def signs(statement: ast.stmt | None) -> Iterator[Variant]:
    """One sign of the right-hand side turned."""
    value = _value(statement)
    for node in ast.walk(value) if value is not None else ():
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            yield node, ast.unparse(node.operand)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            turned = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            yield node, ast.unparse(ast.BinOp(node.left, turned, node.right))


def taken_away(statement: ast.stmt | None) -> Iterator[Variant]:
    """One of two summands of the right-hand side taken away."""
    value = _value(statement)
    for node in ast.walk(value) if value is not None else ():
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            for one, other in ((node.left, node.right), (node.right, node.left)):
                yield node, ast.unparse(ast.BinOp(one, ast.Sub(), other))


def rooted(statement: ast.stmt | None) -> Iterator[Variant]:
    """The square root of something that is divided by."""
    value = _value(statement)
    for node in ast.walk(value) if value is not None else ():
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            divisor = node.right
            inner = [divisor.left, divisor.right] if isinstance(divisor, ast.BinOp) else [divisor]
            for part in inner:
                if not isinstance(part, ast.Constant):
                    yield part, f"np.sqrt({ast.unparse(part)})"


def squared(statement: ast.stmt | None) -> Iterator[Variant]:
    """A factor on the right-hand side squared, the last one first."""
    value = _value(statement)
    products = [n for n in ast.walk(value) if isinstance(n, ast.BinOp)] if value is not None else []
    for node in reversed(products):
        if isinstance(node.op, ast.Mult):
            for part in (node.right, node.left):
                if _plain(part):
                    yield part, f"{ast.unparse(part)} ** 2"
                elif isinstance(part, ast.Call) and len(part.args) == 1 and ast.unparse(part.func) in _SIZES:
                    yield part, f"{ast.unparse(part.args[0])} ** 2"


def averaged(statement: ast.stmt | None) -> Iterator[Variant]:
    """``decay * kept + g`` as ``decay * kept + (1 - decay) * g``."""
    value, target = _value(statement), _target(statement)
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Add):
        return
    for memory, new in ((value.left, value.right), (value.right, value.left)):
        if isinstance(memory, ast.BinOp) and isinstance(memory.op, ast.Mult):
            sides = [ast.unparse(memory.left), ast.unparse(memory.right)]
            if target in sides:
                decay = sides[1 - sides.index(target)]
                text = ast.unparse(new)
                yield new, f"(1 - {decay}) * {text if _plain(new) or _product(new) else f'({text})'}"


def rebased(correction: ast.AST, statement: ast.stmt | None) -> Iterator[Variant]:
    """``1 - decay**t`` with another name or number of a statement for its decay."""
    value = _value(statement)
    inside = [n for n in ast.walk(value) if _plain(n) or isinstance(n, ast.Constant)] if value is not None else []
    texts = dict.fromkeys(ast.unparse(n) for n in inside if not isinstance(n, ast.Subscript))
    for power in ast.walk(correction):
        if isinstance(power, ast.BinOp) and isinstance(power.op, ast.Pow):
            own = ast.unparse(power.left)
            yield from ((power.left, text) for text in texts if text not in (own, "1", "2"))


def _product(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Pow)


def remembered(statement: ast.stmt | None) -> Iterator[Variant]:
    """Zeros on the right-hand side replaced by what the statement assigns to."""
    value, target = _value(statement), _target(statement)
    for node in ast.walk(value) if value is not None and target else ():
        zeros = isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2].startswith("zeros")
        if zeros or (isinstance(node, ast.Constant) and node.value == 0):
            yield node, target


def added(statement: ast.stmt | None) -> Iterator[Variant]:
    """What a statement assigns, added to what its target holds."""
    value, target = _value(statement), _target(statement)
    if isinstance(statement, ast.Assign) and value is not None and target:
        yield value, f"{target} + {ast.unparse(value)}"


def exchanged(node: ast.AST, one: ast.expr, other: ast.expr) -> str:
    """An expression with two parts of it in each other's place; empty where it has not both."""
    first, second = ast.unparse(one), ast.unparse(other)
    held = [n for n in ast.walk(node) if isinstance(n, ast.expr)]
    if not {first, second} <= {ast.unparse(n) for n in held}:
        return ""

    class Exchange(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            text = ast.unparse(node) if isinstance(node, ast.expr) else ""
            if text in (first, second):
                return other if text == first else one
            return self.generic_visit(node)

    return ast.unparse(Exchange().visit(copy.deepcopy(node)))


def summed_over(node: ast.AST, axis: int) -> Iterator[Variant]:
    """A sum with another axis, its dimension kept so that what it divides has the same shape."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    function = isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "numpy")
    said = [k.value for k in node.keywords if k.arg == "axis"]
    last = bool(said) and ast.unparse(said[0]).startswith("-")
    places = [str(axis), "-1"] if not last else ["-1", str(axis)]
    args = [ast.unparse(a) for a in node.args[: 1 if function else 0]]
    for place in places:
        yield node, f"{ast.unparse(node.func)}({', '.join([*args, f'axis={place}', 'keepdims=True'])})"


def _target(statement: ast.stmt | None) -> str:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return ast.unparse(statement.targets[0])
    return ast.unparse(statement.target) if isinstance(statement, ast.AugAssign) else ""
