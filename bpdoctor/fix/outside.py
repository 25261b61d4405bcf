"""An optimiser, or what it keeps, that is made anew in a loop: made once, before it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import Text


def made_once(trouble: Trouble) -> Iterator[Change]:
    """The statement that makes what is lost, or the object that holds it, moved above the loops around it."""
    text = trouble.text
    own = trouble.statement
    if isinstance(own, ast.Assign) and text.loops(own) and own in text.loops(own)[-1].body:
        yield _moved(text, own)
    owner = next((n for n in text.around(trouble.place) if isinstance(n, ast.ClassDef)), None)
    for made in ast.walk(text.tree):
        if not isinstance(made, ast.Assign) or not isinstance(made.value, ast.Call) or not text.loops(made):
            continue
        if owner is not None and text.source(made.value.func) == owner.name:
            yield _moved(text, made)


def _moved(text: Text, made: ast.Assign) -> Change:
    line = text.source(made)
    edits = (text.before(text.loops(made)[-1], line), text.removed(made))
    return Change(f"move `{line.splitlines()[0]}` above the loop", edits)


REMEDIES = (Remedy(("optimizer-state-reset",), made_once),)
