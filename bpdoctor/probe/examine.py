"""Everything that a module defines, examined in the order of the file."""

from __future__ import annotations

from bpdoctor.probe.derivatives import examine_derivative, find_derivatives
from bpdoctor.probe.examined import Examined
from bpdoctor.probe.module import Module
from bpdoctor.probe.pairs import examine_pair, find_pairs


def examine_module(module: Module) -> list[Examined]:
    """Find what can be examined and examine it."""
    pairs = find_pairs(module)
    out = [examine_pair(module, fore, back) for fore, back in pairs]
    done = {back for _, back in pairs}
    out += [examine_derivative(module, p) for p in find_derivatives(module) if p.name not in done]
    return out
