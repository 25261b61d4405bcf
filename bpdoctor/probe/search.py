"""Search for arguments with which a call returns: layouts in turn, alternatives in order of likelihood."""

from __future__ import annotations

import heapq
import inspect
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from bpdoctor.model.record import record
from bpdoctor.probe.arguments import Argument, Frame, arguments_of
from bpdoctor.probe.body import Body
from bpdoctor.probe.probe import Namespace, Space
from bpdoctor.probe.shapes import LOGIC, SINGLE, SIZES, SQUARE, layouts, stated_sizes
from bpdoctor.probe.targets import refusing

_MOST_CALLS = 500
SECONDS = 1.5
_MOST_PLANS = 8


@record
class Plan:
    """Statements that make the arguments, the text of the argument list, and where each one lives."""

    setup: str
    call: str
    places: Mapping[str, str]
    arguments: tuple[Argument, ...]
    square: bool = False
    single: bool = False
    small: bool = False


def plans(
    signature: inspect.Signature,
    body: Body,
    name: str,
    *,
    prefix: str = "_a_",
    square: bool = False,
    logic: bool = False,
    written: Sequence[Mapping[str, int]] = (),
    usual: Mapping[str, int] = SIZES,
) -> Iterator[Plan]:
    """Every combination of alternatives, likely ones first, one layout after the other.

    With `logic`, inputs of two and outputs of one are tried too, networks whose sizes are those of XOR, and
    last the sizes that are `written` in the module.
    """
    stated = dict(body.shapes)
    numbers = stated_sizes(stated, square, usual)
    names = [*signature.parameters, *(k for keys in body.keys.values() for k in keys)]
    chain = sum(bool(re.search(r"[a-zA-Z]_?\d+$", n)) for n in names) >= 3
    small = {**LOGIC, "M": SIZES["M"]} if chain else LOGIC  # a hidden layer keeps its several units
    tables = [SQUARE] if square else [SIZES, small, *written] if logic else [usual]
    seen: set[str] = set()
    for stating, sizes in product([stated, {}] if stated else [{}], tables):
        for kind, layout in layouts(body.ranks):
            frame = Frame(layout, sizes, stating, numbers, logic, "pool" in name.lower(), chain, prefix == "_c_")
            found = arguments_of(signature, body, frame)
            if found is None:
                continue
            for plan in _combinations(signature, found, prefix, square):
                if plan.setup + plan.call not in seen:
                    seen.add(plan.setup + plan.call)
                    yield replace(plan, single=kind in SINGLE, small=sizes is small)


def _combinations(signature: inspect.Signature, found: Sequence[Argument], prefix: str, square: bool) -> Iterator[Plan]:
    """Products of the groups' alternatives in order of the sum of their ranks."""
    groups: dict[str, int] = {}
    for a in found:
        groups[a.group] = max(groups.get(a.group, 0), len(a.alternatives))
    order = list(groups)
    start = (0,) * len(order)
    pending, seen = [(0, start)], {start}
    count = 0
    while pending and count < _MOST_CALLS:
        rank, chosen = heapq.heappop(pending)
        yield _plan(signature, found, dict(zip(order, chosen, strict=True)), prefix, square)
        count += 1
        for i, group in enumerate(order):
            following = (*chosen[:i], chosen[i] + 1, *chosen[i + 1 :])
            if following[i] < groups[group] and following not in seen:
                seen.add(following)
                heapq.heappush(pending, (rank + 1, following))


def _plan(
    signature: inspect.Signature, found: Sequence[Argument], chosen: Mapping[str, int], prefix: str, square: bool
) -> Plan:
    rows: dict[str, str] = {}
    dictionaries: dict[str, list[str]] = {}
    places: dict[str, str] = {}
    for a in found:
        text = a.alternatives[min(chosen[a.group], len(a.alternatives) - 1)]
        if a.key:
            dictionaries.setdefault(a.name, []).append(f"{a.key!r}: {text}")
            places[a.key] = f"{prefix}{a.name}[{a.key!r}]"
        else:
            rows[a.name] = text
            places[a.name] = f"{prefix}{a.name}"
    rows.update({name: "{" + ", ".join(entries) + "}" for name, entries in dictionaries.items()})
    setup = "\n".join(f"{prefix}{name} = {text}" for name, text in rows.items())
    return Plan(setup, _call(signature, rows, prefix), places, tuple(found), square)


def _call(signature: inspect.Signature, rows: Mapping[str, str], prefix: str) -> str:
    """The argument list; what follows a default that was kept goes by its name."""
    out: list[str] = []
    named = False
    for name, p in signature.parameters.items():
        if name not in rows:
            named = True
        elif named or p.kind is inspect.Parameter.KEYWORD_ONLY:
            out.append(f"{name}={prefix}{name}")
        else:
            out.append(f"{prefix}{name}")
    return ", ".join(out)


def working(
    candidates: Iterator[Plan],
    module: Namespace,
    attempt: Callable[[Plan, Space], bool],
    *,
    most: int = _MOST_PLANS,
    seconds: float = SECONDS,
) -> Iterator[Plan]:
    """Those plans whose call returns finite numbers, the first few, within a time budget."""
    found, spent = 0, 0.0
    for plan in candidates:
        began = time.process_time()
        np.random.seed(1)
        space = Space(module, {"np": np, "_np": np, "_rng": np.random.default_rng(1), "_rate": 0.05})
        try:
            space.run(plan.setup)
            good = attempt(plan, space)
        except Exception:
            good = False
        spent += time.process_time() - began
        if good:
            yield plan
            found += 1
        if spent > seconds or found >= most:
            return


def varied(
    candidates: Iterator[Plan], module: Namespace, attempt: Callable[[Plan, Space], bool], *, most: int, seconds: float
) -> Iterator[Plan]:
    """Plans that work without broadcasting labels, each with other ones.

    The last place is kept for one output: what is written for one is wrong for several, and no fault.
    """
    known: set[str] = set()
    fresh = (p for p in candidates if _labels(p) not in known and (p.small or len(known) < most - 1))

    def strictly(plan: Plan, space: Space) -> bool:
        for a in plan.arguments:
            if a.role == "labels" and not a.key:
                space.own[f"_a_{a.name}"] = refusing(space.own.get(f"_a_{a.name}"))
        return attempt(plan, space)

    for plan in working(fresh, module, strictly, most=most, seconds=seconds):
        known.add(_labels(plan))
        yield plan


def _labels(plan: Plan) -> str:
    names = [a.name for a in plan.arguments if a.role == "labels"]
    rows = (row for row in plan.setup.splitlines() if any(row.startswith(f"_a_{n} =") for n in names))
    return "\n".join(sorted(rows))


def finite(value: Any) -> bool:
    """Whether a result holds floating numbers, all finite."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "f" and value.size > 0 and bool(np.isfinite(value).all())
    return isinstance(value, float | np.floating) and bool(np.isfinite(value))
