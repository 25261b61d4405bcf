"""A stretch of the user's statements that can be run again where it stands, with one expression changed."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bpdoctor.fix.writing import Text

_LONGEST = 14
_EARLIER = 5
_KEPT = "__bpdoctor_kept__"
Scope = dict[str, Any]


@dataclass(slots=True, eq=False)
class Stretch:
    """Statements `before`, and the expression `root` after them, or what a last statement leaves in `result`.

    `restored` are the arrays that the statements overwrite without having made them.
    """

    text: Text
    before: list[ast.stmt]
    root: ast.expr | None
    result: str = ""
    restored: tuple[str, ...] = ()
    owner: str = ""
    codes: dict[Any, Any] = field(default_factory=dict)

    def expressions(self) -> Iterator[ast.expr]:
        """What can be changed: the root's own expressions first, then those of earlier statements, last first."""
        for part in [self.root, *reversed(self.before)] if self.root is not None else reversed(self.before):
            for node in ast.walk(part) if part is not None else ():
                if (
                    isinstance(node, ast.expr)
                    and hasattr(node, "lineno")
                    and isinstance(node.__dict__.get("ctx", _LOAD), ast.Load)
                ):
                    yield node

    def changed(self, change: tuple[int, int, str] | None) -> tuple[Any, Any]:
        """Code of the statements and of the expression, with a change (start, end, new text) made."""
        text, data = self.text, self.text.data
        first = self.before[0] if self.before else None
        block = b""
        if first is not None:
            line = text.starts[first.lineno - 1]
            block = _spliced(data, line, text.end(self.before[-1]), change)
            block = (
                b"if 1:\n" + block
                if data[line : text.start(first)].strip(b" \t") == b"" and first.col_offset
                else block
            )
        if self.root is None:
            shown = self.result.encode()
        else:
            shown = b"(" + _spliced(data, text.start(self.root), text.end(self.root), change) + b")"
        return self.compiled(block, "exec") if block else None, self.compiled(shown, "eval")

    def calls(self) -> list[str]:
        """The functions that the stretch calls, as they are written."""
        parts = [*self.before, *([self.root] if self.root is not None else [])]
        return [f"{self.text.of(n.func)}(" for part in parts for n in ast.walk(part) if isinstance(n, ast.Call)]

    def written(self, change: tuple[int, int, str]) -> str:
        """The text of the stretch with a change made."""
        parts = [*self.before, *([self.root] if self.root is not None else [])]
        spans = [(self.text.start(part), self.text.end(part)) for part in parts]
        return "\n".join(_spliced(self.text.data, start, end, change).decode() for start, end in spans)

    def compiled(self, text: bytes, mode: str) -> Any:
        if text not in self.codes:
            tree = ast.parse(text, mode=mode)
            if self.owner and b"__" in text:
                Mangled(self.owner).visit(tree)
            self.codes[text] = compile(tree, "<change>", mode)  # type: ignore[call-overload]
        return self.codes[text]

    def reads_first(self) -> bool:
        """Whether a name that the stretch gives a new value is read in it before."""
        bound: set[str] = set()
        changed = {
            n.id for s in self.before for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        for statement in self.before:
            names = [n for n in ast.walk(statement) if isinstance(n, ast.Name)]
            read = {n.id for n in names if isinstance(n.ctx, ast.Load)}
            made = {n.id for n in names if isinstance(n.ctx, ast.Store)}
            own = (
                {statement.target.id}
                if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name)
                else set()
            )
            loop = isinstance(statement, ast.For | ast.While | ast.If | ast.With)
            if ((read | own) & changed) - bound - (made - own if loop else set()):
                return True
            bound |= made
        return False

    def run(self, scope: Scope, change: tuple[int, int, str] | None = None) -> Any:
        """The value that the stretch gives in a scope, which is filled with what it binds."""
        statements, expression = self.changed(change)
        if statements is None:
            return eval(expression, scope)
        held = [(base, eval(self.compiled(base.encode(), "eval"), scope)) for base in self.restored]
        kept = [np.array(value) if isinstance(value, np.ndarray) else value for _, value in held]
        try:
            exec(statements, scope)
            value = eval(expression, scope)
            return np.array(value) if held and isinstance(value, np.ndarray) else value
        finally:
            for (base, array), old in zip(held, kept, strict=True):
                if isinstance(array, np.ndarray):
                    np.copyto(array, old)
                scope[_KEPT] = array
                exec(self.compiled(f"{base} = {_KEPT}".encode(), "exec"), scope)


_LOAD = ast.Load()


class Mangled(ast.NodeTransformer):
    """Private names as a class's own code reads them."""

    def __init__(self, owner: str) -> None:
        self.owner = owner.lstrip("_")

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr.startswith("__") and not node.attr.endswith("__"):
            node.attr = f"_{self.owner}{node.attr}"
        return node


def _spliced(data: bytes, start: int, end: int, change: tuple[int, int, str] | None) -> bytes:
    if change is None or not (start - 1 <= change[0] and change[1] <= end + 1):
        return data[start:end]
    return data[start : change[0]] + change[2].encode() + data[change[1] : end]


def stretch_of(text: Text, node: ast.AST, region: Collection[int] = ()) -> Stretch | None:
    """What is to be run again for the value of `node`: an expression, or an array that is written to.

    `region` are the lines before it that may be wrong too.
    """
    statement = text.statement(node)
    if statement is None:
        return None
    owner = text.owner(node)
    if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", _LOAD), ast.Load):
        before = _earlier(text, statement, region)
        return Stretch(text, before, node, restored=_overwritten(text, before), owner=owner)
    base = _base(_target(statement))
    if base is None:
        return None
    made = _since_made(text, statement, text.of(base)) or [statement]
    return Stretch(text, made, None, text.of(base), restored=_overwritten(text, made), owner=owner)


def _target(statement: ast.stmt) -> ast.expr | None:
    target = getattr(statement, "target", None) or next(iter(getattr(statement, "targets", [])), None)
    return target if isinstance(target, ast.Name | ast.Attribute | ast.Subscript) else None


def _base(target: ast.expr | None) -> ast.expr | None:
    """The array that a target is an entry of."""
    while isinstance(target, ast.Subscript) and not _names_one(target):
        target = target.value
    return target


def _bound(statement: ast.Assign) -> list[ast.expr]:
    """What an assignment gives values to: its targets, then those that stand in tuples among them."""
    inner = (t for target in statement.targets if isinstance(target, ast.Tuple | ast.List) for t in target.elts)
    return [*statement.targets, *inner]


def _overwritten(text: Text, statements: list[ast.stmt]) -> tuple[str, ...]:
    """Arrays that statements write into and that they did not make."""
    made: set[str] = set()
    out: list[str] = []
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Assign):
                made.update(t.id for t in _bound(node)[len(node.targets) :] if isinstance(t, ast.Name))
            target = _target(node) if isinstance(node, ast.Assign | ast.AugAssign) else None
            base = _base(target)
            if base is None:
                continue
            if isinstance(node, ast.Assign) and base is target and isinstance(base, ast.Name):
                made.add(text.of(base))
            elif text.of(base) not in made:
                out.append(text.of(base))
    return tuple(dict.fromkeys(out))


def _names_one(node: ast.Subscript) -> bool:
    """``grads["W"]`` names an array; ``dW[i]`` a part of one."""
    return isinstance(node.slice, ast.JoinedStr | ast.BinOp) or (
        isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
    )


def _earlier(text: Text, statement: ast.stmt, region: Collection[int]) -> list[ast.stmt]:
    block = text.block(statement)
    at = block.index(statement)
    near = [(i, s) for i, s in enumerate(block[:at]) if at - i <= _EARLIER]
    first = next((i for i, s in near if any(s.lineno <= n <= (s.end_lineno or n) for n in region)), at)
    first = min([first, *_made_before(text, block, first, at)])
    while first and at - first < _LONGEST and _names_for(block[first - 1], block[first : at + 1]):
        first -= 1
    return block[first:at]


def _made_before(text: Text, block: list[ast.stmt], first: int, at: int) -> Iterator[int]:
    """Where the arrays are made that loops of a stretch fill: what is added to must begin anew."""
    filled = set(_overwritten(text, [s for s in block[first:at] if isinstance(s, ast.For | ast.While)]))
    for i in range(max(at - _LONGEST, 0), first):
        made = block[i]
        if isinstance(made, ast.Assign) and any(text.of(t) in filled for t in _bound(made)):
            yield i


def _names_for(statement: ast.stmt, others: Collection[ast.stmt]) -> bool:
    """Whether a statement only gives something a name that others read: which thing may be the mistake."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Subscript | ast.Attribute):
        return False
    made = {t.id for t in statement.targets if isinstance(t, ast.Name)}
    read = {n.id for s in others for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return bool(made & read)


def _since_made(text: Text, statement: ast.stmt, base: str) -> list[ast.stmt]:
    """From where an array is made to the end of the loops that fill it."""
    last: ast.AST = statement
    while isinstance(last, ast.stmt) and not isinstance(last, ast.FunctionDef):
        block = text.block(last)
        at = block.index(last)
        for i in range(at, max(at - _LONGEST, -1), -1):
            made = block[i]
            if made is not last and isinstance(made, ast.Assign) and base in map(text.of, _bound(made)):
                return block[i : at + 1]
        last = text.parents.get(last, text.tree)
    return []
