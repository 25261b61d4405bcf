"""Which recorded steps are compared: those of each player, early ones, that train and keep the same."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from bpdoctor.identify.dependence import POST, ancestors
from bpdoctor.identify.rows import repeats
from bpdoctor.identify.step import Step
from bpdoctor.measure.grown import changes_shape, outgrown
from bpdoctor.measure.view import View, view_of
from bpdoctor.model.tape import Tape

_MOST_VIEWS = 3
_LONG = 1_500
_SHORT = 300


def players_of(steps: Sequence[Step]) -> list[list[Step]]:
    """Steps that train the same, in the order of the first ones; others of them train nothing that those do."""
    found: dict[frozenset[int], list[Step]] = {}
    for step in steps:
        found.setdefault(frozenset(c.name for c in step.parameters), []).append(step)
    groups = sorted(found, key=lambda names: -len(found[names]))
    apart = [
        names
        for k, names in enumerate(groups)
        if _again_and_again(found[names], found[groups[0]]) and not any(map(names.__and__, groups[:k]))
    ]
    if len(apart) < 2:
        return [list(steps)]
    return [found[names] for names in found if names in apart]


def _again_and_again(own: Sequence[Step], most: Sequence[Step]) -> bool:
    """Whether steps are no mere beginning or end: there are several, or they stand between those of another player."""
    return len(own) > 1 or (own is not most and most[0].start < own[0].start < most[-1].start)


def early_views(tape: Tape, steps: Sequence[Step]) -> list[View]:
    """Steps that have the same parameters; later ones in place of those that differ."""
    numbers = {id(s): i for i, s in enumerate(steps)}

    def view(step: Step) -> View:
        out = view_of(tape, step)
        out.order = numbers[id(step)]
        return out

    chosen = _spread(tape, steps)
    views = [view(s) for s in chosen]
    if grown := [v for v in views if changes_shape(v) and outgrown(v)]:
        return grown
    views = [v for v in views if not changes_shape(v)] or views
    # Far from the others, only what runs through the same expressions stands beside them.
    near = [v for v in views if v.order < _MOST_VIEWS or _course(v) == _course(views[0]) or repeats(tape, v.step)]
    missing = len(chosen) - (len(views) - len(near)) - len(alike(near))
    later = [s for s in steps if s not in chosen][:missing]
    return alike(sorted([*near, *(view(s) for s in later)], key=lambda v: v.step.start))


def _spread(tape: Tape, steps: Sequence[Step]) -> Sequence[Step]:
    """The first complete steps, and one that reads a row twice; the very first since later ones may be dead.

    Of short ones another, far from these: the first samples may be of one class, and what is wrong for others not
    show. The last is none: what is done after the loop may belong to it.
    """
    length = steps[0].stop - steps[0].start
    most = 2 if length > _LONG else _MOST_VIEWS
    first, rest = steps[:most], steps[most:]
    far = rest[len(rest) // 2 :][:1] if length < _SHORT and len(rest) >= most else []
    if any(repeats(tape, s) for s in first):
        return [*first, *far]
    return [*first, *[s for s in rest if repeats(tape, s) and s not in far][:1], *far]


def alike(views: list[View]) -> list[View]:
    """Steps with the same parameters, and the same kept values, as most of the others.

    An optimiser that makes its state when it first sees a parameter keeps nothing at the first step; what a loop
    compares its steps with, made before it, depends on the parameters at the first step alone. Where all units of a
    layer died, single numbers below it are updated by nothing that is computed: what trains more tells more.
    """
    if not views:
        return []
    sizes = [(tuple((f.site, f.shape) for f in v.families), len(v.step.state), not _reads_before(v)) for v in views]
    common = max(sizes, key=lambda s: (sizes.count(s), len(s[0]), sum(prod(shape) for _, shape in s[0]), s[1:]))
    return [v for v, s in zip(views, sizes, strict=True) if s == common]


def of_one_course(views: Sequence[View]) -> list[View]:
    """Those of the views, as many as there are, that run through the same expressions equally often.

    A sequence that is longer than another has other last time steps: values of the two do not stand for each other.
    """
    courses = [_course(v) for v in views]
    common = max(courses, key=courses.count)
    return [v for v, c in zip(views, courses, strict=True) if c == common]


def _course(view: View) -> frozenset[tuple[int, int]]:
    return frozenset(view.keys[n] for n in view.forward if n in view.keys)


def _reads_before(view: View) -> bool:
    """Whether gradients come from something that was made of the same parameters before the step began."""
    terms = [t.node for c in view.step.parameters for u in c.updates for t in u.terms]
    within = {n: m for n, m in view.masks.items() if n not in view.starts and not m & POST}
    return any(n < view.step.start for n in ancestors(view.tape, terms, within))
