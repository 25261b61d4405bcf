"""Source to source: every expression that can yield a number reports itself to the recorder.

Each function body and each loop body is kept twice, observed and plain, behind one test, so that
unrecorded steps run the user's own code. Line and column numbers are those of the original.
"""

from __future__ import annotations

import ast

from bpdoctor.observe.expressions import HOOK, NOBODY, Named
from bpdoctor.observe.sites import Sites, SourceFile
from bpdoctor.observe.statements import Observer
from bpdoctor.observe.trees import clone, hoisted, placed, split_head

__all__ = ["HOOK", "instrument"]


def instrument(source: SourceFile, tree: ast.Module, sites: Sites, named: Named = NOBODY) -> ast.Module:
    """Return a module that computes what `tree` computes and reports its expressions."""
    head, rest = split_head(clone(tree).body)
    declared, rest = hoisted(rest)
    body = [*head, *declared, *Observer(source, sites, "<module>", named=named).block(rest)]
    return placed(ast.Module(body=body, type_ignores=[]))
