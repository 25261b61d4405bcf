"""The user's own functions that a wrong value comes out of: changed in their own text, tried where they are called."""

from __future__ import annotations

import ast
import gc
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, FrameType, FunctionType
from typing import Any

from bpdoctor.fix.stretch import Scope, Stretch
from bpdoctor.fix.writing import Text

_HOOK = "__bp__"
_MOST_STATEMENTS = 12
_MOST_CALLED = 4
Change = tuple[int, int, str]


@dataclass(frozen=True, slots=True, eq=False)
class Called:
    """A function that was called, its definition, and the names it had when it returned."""

    path: str
    text: Text
    definition: ast.FunctionDef
    function: FunctionType
    scope: Scope

    def stretches(self) -> Iterator[Stretch]:
        """What it returns, then what it assigns, the last first."""
        owner = self.text.owner(self.definition)
        nodes = [n for n in ast.walk(self.definition) if isinstance(n, ast.Return | ast.Assign) and n.value is not None]
        for node in sorted(nodes, key=lambda n: (not isinstance(n, ast.Return), -n.lineno)):
            if node.value is not None:
                yield Stretch(self.text, [], node.value, owner=owner)

    def with_change(self, change: Change, run: Callable[[], Any]) -> Any:
        """What `run` gives while the function is written differently."""
        code = self.compiled(change)
        old = self.function.__code__
        if code is None or code.co_freevars != old.co_freevars:
            raise ValueError("it cannot be exchanged")
        self.function.__code__ = code
        try:
            return run()
        finally:
            self.function.__code__ = old

    def compiled(self, change: Change) -> CodeType | None:
        text, start, end = self.text, self.text.start(self.definition), self.text.end(self.definition)
        line = text.starts[self.definition.lineno - 1]
        body = text.data[line : change[0]] + change[2].encode() + text.data[change[1] : end]
        owner = text.owner(self.definition) or "_"
        if self.definition.col_offset:
            body = f"class {owner}:\n".encode() + body
        if text.data[line:start].strip():
            return None
        space: dict[str, Any] = {}
        exec(compile(body, self.path, "exec"), dict(self.function.__globals__), space)
        made = space.get(self.definition.name) or vars(space.get(owner, Called)).get(self.definition.name)
        return made.__code__ if isinstance(made, FunctionType) else None


def called_by(run: Callable[[], Any], text_of: Callable[[str], Text | None]) -> list[Called]:
    """The user's functions that a run calls, the last to return first."""
    seen: dict[CodeType, Scope] = {}

    def notice(frame: FrameType, event: str, argument: Any) -> None:
        if event == "return" and _HOOK in frame.f_globals and not frame.f_code.co_name.startswith("<"):
            seen[frame.f_code] = {**frame.f_globals, **frame.f_locals}

    sys.setprofile(notice)
    try:
        run()
    finally:
        sys.setprofile(None)
    out = []
    for code, scope in list(seen.items())[::-1][:_MOST_CALLED]:
        found = _called(code, scope, text_of(code.co_filename))
        if found is not None:
            out.append(found)
    return out


def _called(code: CodeType, scope: Scope, text: Text | None) -> Called | None:
    definition = next(
        (
            n
            for n in ast.walk(text.tree if text is not None else ast.Module([], []))
            if isinstance(n, ast.FunctionDef)
            and n.name == code.co_name
            and code.co_firstlineno in (n.lineno, *(d.lineno for d in n.decorator_list))
        ),
        None,
    )
    gc.unfreeze()
    function = next((f for f in gc.get_referrers(code) if isinstance(f, FunctionType) and f.__code__ is code), None)
    if text is None or definition is None or function is None or _long(definition):
        return None
    return Called(code.co_filename, text, definition, function, scope)


def _long(definition: ast.FunctionDef) -> bool:
    return sum(isinstance(n, ast.stmt) for n in ast.walk(definition)) > _MOST_STATEMENTS
