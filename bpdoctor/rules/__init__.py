"""The named faults: one file a rule, found by its RULE (or RULES, for a family)."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from bpdoctor.model.rule import Rule

__all__ = ["all_rules"]


@cache
def all_rules() -> dict[str, Rule]:
    """Return every rule by slug, in the order of their codes.

    Raises
    ------
    ValueError
        When two rules share a slug or a code: a public name must mean one thing.
    """
    homes: dict[str, str] = {}
    found: list[Rule] = []
    for info in pkgutil.iter_modules(__path__):
        if info.name.startswith("_"):
            continue
        module = importlib.import_module(f"{__name__}.{info.name}")
        single = getattr(module, "RULE", None)
        family: tuple[Rule, ...] = getattr(module, "RULES", ())
        for rule in (single, *family) if isinstance(single, Rule) else family:
            for name in (rule.code, rule.slug):
                if name in homes:
                    raise ValueError(f"{name} names two rules, in {homes[name]} and in {info.name}")
                homes[name] = info.name
            found.append(rule)
    return {rule.slug: rule for rule in sorted(found, key=lambda rule: rule.code)}
