"""A step count that stands still: one more at every step."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.text import plain


def counted(trouble: Trouble) -> Iterator[Change]:
    """``self.t = 1`` as ``self.t += 1``."""
    text, statement = trouble.text, trouble.statement
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1 or not plain(statement.targets[0]):
        return
    if isinstance(statement.value, ast.Constant) and statement.value.value == 1:
        title = f"write `{text.source(statement.targets[0])} += 1`"
        yield Change(title, (text.between(statement.targets[0], statement.value, " += "),))


REMEDIES = (Remedy(("optimizer-rule",), counted),)
