"""Curves: the loss over the training steps, the error of a difference quotient over its step size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from bpdoctor.model.picture import Convergence
from bpdoctor.model.record import record
from bpdoctor.report.page.axes import points, scale
from bpdoctor.report.wording import number

WIDTH, HEIGHT = 480, 260
LEFT, RIGHT, TOP, BOTTOM = 58, 466, 12, 214
FLOOR = 1e-16


@record
class Line:
    """One curve; `look` is the class that gives it its colour and its dots their shape."""

    label: str
    look: str
    xs: Sequence[float]
    ys: Sequence[float]


def plot(
    lines: Sequence[Line],
    *,
    title: str,
    told: str,
    across: str,
    up: str,
    log: tuple[bool, bool] = (False, False),
    spread: Sequence[float] = (),
) -> dict[str, Any]:
    """Where everything stands on the sheet; there is room for the numbers of `spread` too."""
    x = scale((v for line in lines for v in line.xs), LEFT, RIGHT, log=log[0], tight=True)
    y = scale((*spread, *(v for line in lines for v in line.ys)), BOTTOM, TOP, log=log[1])
    drawn = [
        {"look": line.look, "points": points(line.xs, line.ys, x, y), "label": line.label}
        for line in lines
    ]  # fmt: skip
    labels = {line.label: line.look for line in lines if line.label}
    return {
        "title": title, "areas": [], "told": told, "across": across, "up": up,
        "width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM,
        "columns": [(x.at(v), text) for v, text in x.ticks()],
        "rows": [(y.at(v), text) for v, text in y.ticks()],
        "lines": drawn, "legend": list(labels.items()),
    }  # fmt: skip


def by_step(convergence: Sequence[Convergence], *, claimed: bool) -> dict[str, Any] | None:
    """The V of the confirmed directions, and the level line of a gradient that is wrong."""
    lines: list[Line] = []
    for one in convergence:
        lines.append(Line("reverse sweep (the reference)", "good", one.steps, _floored(one.reference)))
    for one in convergence:
        if claimed and one.claimed:
            lines.append(Line("your program's gradient", "bad", one.steps, _floored(one.claimed)))
    if not lines:
        return None
    best = [min(one.reference) for one in convergence]
    mine = [min(one.claimed) for one in convergence if claimed and one.claimed]
    told = f"error of difference quotients by step size; the reference is met to {number(max(best))} at best"
    if mine:
        told += f", the program's own gradient to {number(min(mine))}"
    return plot(
        lines, title="The reference against the program itself", told=told, across="step size h",
        up="relative error", log=(True, True),
    )  # fmt: skip


def over_steps(lines: Sequence[Line], *, title: str, up: str, across: str = "training step") -> dict[str, Any] | None:
    """Curves over the training; logarithmic where they span some powers of ten."""
    lines = [line for line in lines if sum(math.isfinite(y) for y in line.ys) > 1]
    if not lines:
        return None
    values = [y for line in lines for y in line.ys if math.isfinite(y)]
    steps = [x for line in lines for x in line.xs]
    log = max(steps) > 100 * min(steps) > 0, min(values) > 0 and max(values) > 1e3 * min(values)
    told = "; ".join(f"{line.label or title}: {_ends(line.ys)}" for line in lines)
    return plot(lines, title=title, told=told, across=across, up=up, log=log)


def _ends(values: Sequence[float]) -> str:
    known = [v for v in values if math.isfinite(v)]
    return f"from {known[0]:.3g} to {known[-1]:.3g}"


def _floored(values: Sequence[float]) -> tuple[float, ...]:
    """An error of exactly zero has a place at the bottom of a logarithmic scale."""
    return tuple(max(v, FLOOR) for v in values)
