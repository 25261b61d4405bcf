"""What stands under the findings: what was examined, the loss, what was assumed, the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpdoctor.model.report import GradientResult, Loss, Report
from bpdoctor.report.cells import ELLIPSIS, crop, pad, width, wrap
from bpdoctor.report.course import course
from bpdoctor.report.format import Options
from bpdoctor.report.paint import Row
from bpdoctor.report.wording import count, number, shape, state, verdict

MOST_ROWS = 12
MOST_CODES = 3
LONGEST_NAME = 40
VERDICT_STYLES = {"healthy": "healthy", "sick": "error", "inconclusive": "warning"}
Cells = tuple[str, ...]


def summary(report: Report, *, options: Options) -> Iterator[Row]:
    """Yield the rows, the verdict last."""
    if report.subject.parameters or report.gradients:
        yield from _item("examined", _examined(report), options)
        yield from _table(_lines(report), options)
    if report.subject.loss is not None:
        yield from _item("loss", _loss(report.subject.loss), options)
    yield from course(report.health, options=options)
    for text in report.assumptions:
        yield from _item("assumed", text, options)
    for text in report.not_examined:
        yield from _item("not examined", text, options)
    codes = list(dict.fromkeys(finding.code for finding in report.findings if finding.code))
    if codes:
        commands = ", ".join(f"`bpdoctor explain {code}`" for code in codes[:MOST_CODES])
        yield from _item("more", commands, options)
    yield ((verdict(report), VERDICT_STYLES[report.verdict]),)


def _item(name: str, text: str, options: Options) -> Iterator[Row]:
    indent = len(name) + 2
    first, *rest = wrap(text, max(options.width - indent, 20), ascii=options.ascii)
    yield ((f"{name}: ", "strong"), (first, ""))
    for line in rest:
        yield ((" " * indent + line, ""),)


def _examined(report: Report) -> str:
    subject = report.subject
    parts = [count(len(subject.parameters), "parameter") if subject.parameters else "gradients only"]
    if subject.steps_seen:
        parts.append(f"{count(subject.steps_seen, 'training step')} seen")
    if subject.optimizer:
        parts.append(f"updated by {subject.optimizer}")
    return ", ".join(parts)


def _loss(loss: Loss) -> str:
    """Say whether the loss is the user's own or our guess: all that follows rests on it."""
    if loss.inferred:
        return f"inferred: {loss.form}; no number that the steps compute is just that"
    where = f" computed at line {_at(loss.line, loss.cell)}" if loss.line is not None else ""
    form = f", {loss.form}" if loss.form not in ("", "computed") else ""
    return f"`{loss.name}`{where}{form}"


def _lines(report: Report) -> list[tuple[bool, Cells]]:
    """One line a parameter, in the program's order, each with whether it wants attention."""
    results = {gradient.parameter: gradient for gradient in report.gradients}
    lines = []
    for parameter in report.subject.parameters:
        result = results.pop(parameter.name, None)
        lines.append(_line(parameter.name, shape(parameter.shape), _at(parameter.line, parameter.cell), result))
    lines += [_line(result.parameter, "", "-", result) for result in results.values()]
    return lines


def _line(name: str, size: str, line: str, result: GradientResult | None) -> tuple[bool, Cells]:
    if result is None:
        return False, (name, size, "-", "-", line)
    where = line if result.line is None else _at(result.line, result.cell)
    cells = (name, size, state(result), number(result.relative_error), where)
    return result.status != "ok", cells


def _at(line: int | None, cell: int = 0) -> str:
    told = "-" if line is None else str(line)
    return f"{told} of cell {cell}" if cell else told


def _table(lines: Sequence[tuple[bool, Cells]], options: Options) -> Iterator[Row]:
    """Align the columns; when there are too many lines, those that want attention stay."""
    hidden = len(lines) - MOST_ROWS
    if hidden > 0:
        order = sorted(range(len(lines)), key=lambda index: not lines[index][0])
        lines = [lines[index] for index in sorted(order[:MOST_ROWS])]
    ascii = options.ascii
    header: Cells = ("parameter", "shape", "gradient", "relative error", "line")
    table = [header, *((crop(cells[0], LONGEST_NAME, ascii=ascii), *cells[1:]) for _, cells in lines)]
    widths = [max(width(cells[column], ascii=ascii) for cells in table) for column in range(len(header))]
    odd = [False, *(wants for wants, _ in lines)]
    for wants, cells in zip(odd, table, strict=True):
        padded = [pad(text, size, ascii=ascii) for text, size in zip(cells, widths, strict=True)]
        style = "faint" if cells is table[0] else ("warning" if wants else "")
        yield (("  " + "  ".join(padded), style),)
    if hidden > 0:
        yield ((f"  {ELLIPSIS[ascii]} and {hidden} more", "faint"),)
