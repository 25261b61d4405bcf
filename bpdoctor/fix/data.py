"""Data far from 0, or too alike: brought to mean 0 and deviation 1."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import Text
from bpdoctor.fix.zeros import bindings


def standardised(trouble: Trouble) -> Iterator[Change]:
    """A line after the one that makes the data: shown itself, or what the shown call is given."""
    text, statement = trouble.text, trouble.statement
    if statement is None:
        return
    own = [t.id for t in getattr(statement, "targets", ()) if isinstance(t, ast.Name)]
    read = [n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    for name in dict.fromkeys(own if trouble.rule == "unscaled-inputs" else read):
        made = [b for b in bindings(text, name) if text.function(b) is text.tree and not text.loops(b)]
        if made and not _is_written(text, name):
            line = f"{name} = ({name} - {name}.mean(axis=0)) / {name}.std(axis=0)"
            yield Change(f"add `{line}`", (text.after(made[-1], line),))


def _is_written(text: Text, name: str) -> bool:
    """Whether something is put into an array, as training does with parameters."""
    for node in ast.walk(text.tree):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
        )
        for target in targets:
            inner = target
            while isinstance(inner, ast.Subscript):
                inner = inner.value
            written = inner is not target or isinstance(node, ast.AugAssign)
            if written and isinstance(inner, ast.Name) and inner.id == name:
                return True
    return False


REMEDIES = (Remedy(("unscaled-inputs", "stuck-output"), standardised),)
