"""Heat maps: one square an entry (or a block of them), its colour the power of ten of its error."""

from __future__ import annotations

import math
from typing import Any

from bpdoctor.model.picture import Grid, Heat
from bpdoctor.report.wording import number, shape

LEVELS = 9
WIDEST = 336
LARGEST, SMALLEST = 24, 4


def level(error: float) -> int:
    """0 for what rounding explains, 8 for an error as large as the gradient itself.

    Examples
    --------
    >>> level(0.0), level(1e-16), level(1e-8), level(0.5), level(3.0)
    (0, 0, 2, 7, 8)
    """
    if not error > 0:
        return 0
    return min(max(math.floor((math.log10(error) + 12) * (LEVELS - 1) / 12), 0), LEVELS - 1)


def heat_map(heat: Heat) -> dict[str, Any]:
    """Squares of one level are one path: thousands of them stay small."""
    grid = heat.grid
    columns = max((len(row) for row in grid.rows), default=1)
    side = max(min(WIDEST / columns, LARGEST), SMALLEST)
    drawn: dict[int, list[str]] = {}
    for i, row in enumerate(grid.rows):
        for j, error in enumerate(row):
            square = f"M{j * side:.5g} {i * side:.5g}h{side:.5g}v{side:.5g}h-{side:.5g}z"
            drawn.setdefault(level(error), []).append(square)
    worst, at = _worst(grid)
    told = f"relative error of each entry of the gradient of {heat.parameter}: at most {number(worst)}{at}"
    return {
        "name": heat.parameter, "shape": shape(grid.shape), "worst": number(worst), "at": at, "told": told,
        "width": round(columns * side, 1), "height": round(len(grid.rows) * side, 1),
        "paths": [(k, "".join(squares)) for k, squares in sorted(drawn.items())],
        "block": "" if grid.block == (1, 1) else f"one square stands for {grid.block[0]}×{grid.block[1]} entries",
    }  # fmt: skip


def _worst(grid: Grid) -> tuple[float, str]:
    """The largest error and where it is, where that can be said."""
    worst, i, j = max(
        ((error, -i, -j) for i, row in enumerate(grid.rows) for j, error in enumerate(row)), default=(0.0, 0, 0)
    )
    if grid.block != (1, 1) or not grid.shape or len(grid.shape) > 2 or level(worst) == 0:
        return worst, ""
    return worst, f" at [{-j}]" if len(grid.shape) == 1 else f" at [{-i}, {-j}]"
