"""The user's frames, stopped: which of them runs a stretch of text, and which names it has."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import numpy as np

from bpdoctor.fix.stretch import Scope, Stretch
from bpdoctor.fix.writing import Place, Text
from bpdoctor.model.frame import Stopped

_COMPREHENSIONS = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"})


def scope_of(within: Sequence[Stopped]) -> Scope:
    """The names of a frame and of the comprehensions that run in it, in a dictionary of their own.

    A method does not get the arrays of the script around its class: that they hold what it needs is chance. No
    function gets what is private to others, as are the names in statements of ours.
    """
    scope = dict(within[0].f_globals)
    read = {name for frame in within for name in frame.f_code.co_names}
    if within[0].f_code.co_name != "<module>":
        scope = {k: v for k, v in scope.items() if k in read or not _private(k)}
    if "self" in within[0].f_locals:
        scope = {k: v for k, v in scope.items() if k in read or not (isinstance(v, np.ndarray) and v.size > 1)}
    for frame in within:
        scope.update(frame.f_locals)
    return scope


def _private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def frames_of(frames: Sequence[Stopped], stretch: Stretch, path: str) -> list[Stopped]:
    """The frame that executes a stretch, then those of the comprehensions that it is in the middle of."""
    node: ast.AST = stretch.root if stretch.root is not None else stretch.before[-1]
    around = stretch.text.scope(node)
    name = getattr(around, "name", "<lambda>" if isinstance(around, ast.Lambda) else "<module>")
    for i, frame in enumerate(frames):
        if frame.f_code.co_filename == path and frame.f_code.co_name == name and _begins(around, frame):
            inner = [f for f in frames[:i] if f.f_code.co_name in _COMPREHENSIONS]
            return [frame, *inner[::-1]]
    return []


def _begins(around: ast.AST, frame: Stopped) -> bool:
    """Whether a frame runs this function, and not another one of the same name: each layer has a ``backward``."""
    if not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return True
    lines = [around.lineno, *(d.lineno for d in getattr(around, "decorator_list", []))]
    return frame.f_code.co_firstlineno in lines


def waiting_call(frame: Stopped, text: Text | None) -> Place | None:
    """The call that a frame waits for."""
    spot = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    line, end_line, column, end_column = spot
    if text is None or line is None or end_line is None or column is None or end_column is None:
        return None
    place = (line, column, end_line, end_column, "Call")
    return place if text.find(place) is not None else None


def inside(frames: Sequence[Stopped], path: str, lines: range) -> Sequence[Stopped]:
    """The frames, innermost first, up to the one that is in some lines; all where none is."""
    for i, frame in enumerate(frames):
        if frame.f_code.co_filename == path and frame.f_lineno in lines:
            return frames[: i + 1]
    return frames
