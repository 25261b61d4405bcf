"""Where in a recorded run a stretch of statements begins that is to be run again."""

from __future__ import annotations

import ast
from typing import Any

from bpdoctor.fix.stretch import Stretch
from bpdoctor.observe.sites import Site, Sites


def begin(view: Any, node: int, site: Site, stretch: Stretch, sites: Sites) -> int:
    """The first node of a stretch, where it changes what it reads; else the node that it ends with."""
    if not (stretch.restored or stretch.reads_first()):
        return node
    last, out, seen = len(stretch.before), node, set()
    for n in range(node, view.step.lo - 1, -1):
        here = sites[view.tape.nodes[n].site]
        if here.scope != site.scope or here.source is not site.source:
            continue
        part = _part(stretch, here)
        if part is None or part > last or (n != node and here.index in seen and not _loops(stretch, part)):
            break
        last, out = part, n
        seen.add(here.index)
    return out


def _part(stretch: Stretch, site: Site) -> int | None:
    """Which statement of a stretch a site belongs to; its number is that of the root's own where it is there."""
    line = site.line
    for i, statement in enumerate(stretch.before):
        if statement.lineno <= line <= (statement.end_lineno or line):
            return i
    root = stretch.root
    own = stretch.text.statement(root) if root is not None else None
    return len(stretch.before) if own is not None and own.lineno <= line <= (own.end_lineno or line) else None


def _loops(stretch: Stretch, part: int) -> bool:
    return part < len(stretch.before) and isinstance(stretch.before[part], ast.For | ast.While)
