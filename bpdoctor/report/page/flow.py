"""The map of the computation as cards: what is computed, what the program derives, what is true."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from bpdoctor.model.picture import Derivative, Grid, Pictures, Place
from bpdoctor.model.source import Span
from bpdoctor.report.wording import factor, number, shape

WORDS = {
    "agrees": "agrees",
    "first": "first divergence",
    "diverges": "diverges here too",
    "follows": "wrong, in consequence",
    "unseen": "not computed by the program",
}
_ONE = 1e-9
Anchor = Callable[[Span], str]


def cards(pictures: Pictures, anchor: Anchor) -> list[dict[str, Any]]:
    """One for each place, in the order of execution; `anchor` knows where a line stands on the page."""
    return [_card(place, pictures.places, index, anchor) for index, place in enumerate(pictures.places)]


def _card(place: Place, places: tuple[Place, ...], index: int, anchor: Anchor) -> dict[str, Any]:
    told = WORDS[place.standing]
    if place.error is not None and place.standing != "unseen":
        told += f" (relative error {number(place.error)})" if place.standing != "agrees" else _exactly(place.error)
    above = [s for s in place.sources if s != index - 1] if place.sources != (index - 1,) else []
    return {
        "name": place.name, "text": place.text, "at": _at(place.span, anchor),
        "loss": place.loss, "standing": place.standing, "told": told,
        "parameters": place.parameters,
        "sources": [places[s].name or places[s].text for s in place.sources] if above else [],
        "begins": index > 0 and not place.sources,
        "value": numbers(place.value), "shape": shape(place.value.shape),
        "mine": _derivative(place.mine, anchor), "true": None if place.true is None else numbers(place.true),
        "factor": "" if abs(place.factor - 1) < _ONE else factor(place.factor),
    }  # fmt: skip


def _exactly(error: float) -> str:
    return " exactly" if error == 0 else f" to {number(error)}"


def _derivative(mine: Derivative | None, anchor: Anchor) -> dict[str, Any] | None:
    if mine is None:
        return None
    return {"text": mine.text, "at": _at(mine.span, anchor), "grid": numbers(mine.grid)}


def _at(span: Span | None, anchor: Anchor) -> dict[str, str] | None:
    """A line in words, and its anchor where the page shows it."""
    if span is None:
        return None
    return {"told": f"line {span.line}" + (f" of cell {span.cell}" if span.cell else ""), "anchor": anchor(span)}


def numbers(grid: Grid) -> dict[str, Any]:
    """The corner as written numbers, and whether there is more to the right and below."""
    rows = [[figure(x) for x in row] for row in grid.rows]
    wide = grid.shape[-1] if grid.shape else 1
    tall = math.prod(grid.shape[:-1]) if len(grid.shape) > 1 else 1
    return {"rows": rows, "right": bool(rows) and wide > len(rows[0]), "below": bool(rows) and tall > len(rows)}


def figure(value: float) -> str:
    """Three digits, short enough to stand in a column.

    Examples
    --------
    >>> figure(0.123456), figure(-1.0), figure(0.00001234), figure(float("nan"))
    ('0.123', '−1', '1.2e-5', 'nan')
    """
    if not math.isfinite(value) or value == 0:
        return f"{abs(value):g}"
    if not 1e-3 <= abs(value) < 1e5:
        mantissa, _, power = f"{value:.1e}".partition("e")
        return f"{mantissa}e{int(power)}".replace("-", "−", 1) if value < 0 else f"{mantissa}e{int(power)}"
    return f"{value:.3g}".replace("-", "−")
