"""Everything that a module defines, examined in the order of the file."""

from __future__ import annotations

from bpdoctor.probe.examined import Examined
from bpdoctor.probe.module import Module
from bpdoctor.probe.pairs import examine_pair, find_pairs


def examine_module(module: Module) -> list[Examined]:
    """Find what can be examined and examine it."""
    out = [examine_pair(module, fore, back) for fore, back in find_pairs(module)]
    return out
