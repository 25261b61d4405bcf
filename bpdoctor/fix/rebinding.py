"""A gradient that is given a name: written into the array that had the name, which others hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble


def written_into(trouble: Trouble) -> Iterator[Change]:
    """``self.db = g`` as ``self.db[...] = g``."""
    text, statement = trouble.text, trouble.statement
    if "gets a name here" in trouble.message and isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, ast.Attribute | ast.Subscript):
            new = f"{text.source(target)}[...]"
            line = f"{new} = {text.source(statement.value)}"
            yield Change(f"write `{' '.join(line.split())}`", (text.replaced(target, new),))


REMEDIES = (Remedy(("parameter-never-updated",), written_into),)
