"""How the training went, in a few lines of text: the loss as a sparkline, one row a layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bpdoctor.model.health import Health, LayerHealth, Numbers
from bpdoctor.report.cells import crop, pad, width
from bpdoctor.report.format import Options
from bpdoctor.report.paint import Row
from bpdoctor.report.sparkline import sparkline
from bpdoctor.report.wording import count, number

MOST_LAYERS = 6
LONGEST_NAME = 24
_HEAD = ("layer", "function", "units", "mean", "std", "dead", "saturated", "gradient")
# Functions that are recognised like activations but belong to a loss.
OF_A_LOSS = frozenset({"square", "exp"})


def course(data: Mapping[str, Any], *, options: Options) -> Iterator[Row]:
    """Yield the rows; none where nothing was trained or only a step or two were seen."""
    health = Health.read(data)
    if health is None or len(health.iterations) < 3:
        return
    losses = [v for v in health.loss if v is not None]
    told = f"{count(health.iterations[-1] + 1, 'step')}"
    if len(losses) > 1:
        line = sparkline(health.loss, ascii=options.ascii)
        told += f", loss {number(losses[0])} {line} {number(losses[-1])}"
        told += f", {health.course}" if health.course else ""
    yield (("training: ", "strong"), (told, ""))
    layers = [x for x in health.layers if x.hidden or x.activation not in OF_A_LOSS]
    yield from _table([_cells(x, options) for x in layers[:MOST_LAYERS]], options)


def _cells(x: LayerHealth, options: Options) -> tuple[str, ...]:
    name = crop(x.expression, LONGEST_NAME, ascii=options.ascii)
    numbers = map(_last, (x.mean, x.std))
    shares = (_share(v) for v in (x.dead, x.saturated))
    return (name, x.activation, str(x.units), *numbers, *shares, sparkline(x.error_norm, 12, ascii=options.ascii))


def _table(rows: list[tuple[str, ...]], options: Options) -> Iterator[Row]:
    """Columns in which something stands."""
    shown = [k for k in range(len(_HEAD)) if any(row[k].strip("- ") for row in rows)]
    table = [tuple(row[k] for k in shown) for row in (_HEAD, *rows)] if rows else []
    widths = [max(width(row[k], ascii=options.ascii) for row in table) for k in range(len(shown))] if table else []
    for at, row in enumerate(table):
        cells = "  ".join(pad(text, room, ascii=options.ascii) for text, room in zip(row, widths, strict=True))
        yield ((f"  {cells}", "" if at else "faint"),)


def _last(values: Numbers) -> str:
    known = [v for v in values if v is not None]
    return number(known[-1]) if known else "-"


def _share(values: Numbers) -> str:
    known = [v for v in values if v is not None]
    return f"{known[-1]:.0%}" if known else "-"
