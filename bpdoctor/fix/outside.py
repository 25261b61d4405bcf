"""An optimiser that is made anew at every step: made once, before the loop."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble


def made_once(trouble: Trouble) -> Iterator[Change]:
    """The statement that makes the object whose memory is lost, moved above the loops around it."""
    text = trouble.text
    owner = next((n for n in text.around(trouble.place) if isinstance(n, ast.ClassDef)), None)
    for made in ast.walk(text.tree):
        if not isinstance(made, ast.Assign) or not isinstance(made.value, ast.Call) or not text.loops(made):
            continue
        if owner is not None and text.source(made.value.func) == owner.name:
            line = text.source(made)
            edits = (text.before(text.loops(made)[-1], line), text.removed(made))
            yield Change(f"move `{line.splitlines()[0]}` above the loop", edits)


REMEDIES = (Remedy(("optimizer-state-reset",), made_once),)
