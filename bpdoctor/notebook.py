"""`%load_ext bpdoctor`, then `%%bpdoctor` on the cell that trains: the notebook so far and that cell are examined."""

from __future__ import annotations

import argparse
import ast
import linecache
import re
import shlex
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bpdoctor.model.report import Mark, Report
    from bpdoctor.pipeline.options import Options

MAGIC = re.compile(r"^\s*[%!?]|\?\s*$")
HEADER = re.compile(r"\A\s*%%bpdoctor[^\n]*(?=\n)")
NAME = "cell"


def load_ipython_extension(shell: Any) -> None:
    """Register the magic; called by `%load_ext bpdoctor`."""
    if hasattr(shell, "events"):
        runs = shell.bpdoctor_runs = Runs(shell)
        shell.events.register("pre_run_cell", runs.begun)
        shell.events.register("post_run_cell", runs.ended)
    shell.register_magic_function(magic(shell), "cell", "bpdoctor")


class Runs:
    """Of each run of a cell, by its number: which cell of the notebook it was, and whether it failed."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.cells: dict[int, str] = {}
        self.failed: set[int] = set()

    def begun(self, info: Any) -> None:
        """Note which cell it is, where the front end tells."""
        cell = getattr(info, "cell_id", None)
        if cell is not None:
            # What was typed joins the history after this.
            self.cells[len(self.shell.history_manager.input_hist_raw)] = cell

    def ended(self, result: Any) -> None:
        """Note that it raised an error."""
        if not getattr(result, "success", True):
            self.failed.add(len(self.shell.history_manager.input_hist_raw) - 1)


def magic(shell: Any) -> Any:
    """The function behind `%%bpdoctor`."""

    def bpdoctor(line: str, cell: str) -> Any:
        from bpdoctor.pipeline.options import Options

        options = _options(line)
        history = [] if options.alone else _history(shell)
        number = max(1, len(shell.history_manager.input_hist_raw) - 1)
        report = examine([*history, (number, cell)], Options(seed=options.seed, time_limit=options.time_limit))
        if not options.dry:
            shell.run_cell(cell)
        return report

    bpdoctor.__doc__ = "Examine the notebook up to this cell, show the report, and run the cell."
    return bpdoctor


def typed(shell: Any) -> list[tuple[int, str]]:
    """The cells so far, with the one that runs now."""
    number = max(1, len(shell.history_manager.input_hist_raw) - 1)
    return [*_history(shell), (number, HEADER.sub("", shell.history_manager.input_hist_raw[-1]))]


def examine(cells: Sequence[tuple[int, str]], options: Options) -> Report:
    """Examine cells as one program; places in the report are cell and line."""
    from bpdoctor.pipeline.check import check_path

    text, starts = joined(cells)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notebook.py"
        path.write_text(text, encoding="utf-8")
        report = check_path(str(path), replace(options, fix=False))
    for number, source in cells:
        lines = [f"{line}\n" for line in source.splitlines()]
        linecache.cache[f"{NAME} [{number}]"] = (len(source), None, lines, f"{NAME} [{number}]")
    return _in_cells(report, starts)


def joined(cells: Sequence[tuple[int, str]]) -> tuple[str, list[tuple[int, int]]]:
    """One program of all cells, and where each begins; lines of magics and shell commands are blanked.

    A cell that is not Python is blanked as a whole, so that lines stay where they are.
    """
    lines: list[str] = []
    gone: set[str] = set()
    starts: list[tuple[int, int]] = []
    for number, source in cells:
        starts.append((len(lines) + 1, number))
        own = ["" if MAGIC.search(line) else line for line in source.splitlines()]
        lines += [""] * len(own) if source.lstrip().startswith("%%") else _program(own, gone)
    return "\n".join(lines) + "\n", starts


def _program(lines: list[str], gone: set[str]) -> list[str]:
    """The lines of a cell without what calls us, or uses what we said: who is examined does not ask for it.

    `gone` are the names that are therefore not there; it grows.
    """
    try:
        tree = ast.parse("\n".join(lines))
    except SyntaxError:
        return [""] * len(lines)
    kept = list(lines)
    for statement in tree.body:
        names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
        definition = isinstance(statement, ast.FunctionDef | ast.ClassDef)
        used = any(n.id in gone and isinstance(n.ctx, ast.Load) for n in names)
        if definition or not (used or any(map(_asks, ast.walk(statement)))):
            continue
        gone |= {n.id for n in names if isinstance(n.ctx, ast.Store)}
        stop = statement.end_lineno or statement.lineno
        kept[statement.lineno - 1 : stop] = [""] * (stop - statement.lineno + 1)
    return kept


def _asks(node: ast.AST) -> bool:
    """Whether it is `bpdoctor.check`, or one of its kind."""
    name = node.value if isinstance(node, ast.Attribute) and node.attr.startswith("check") else None
    return isinstance(name, ast.Name) and name.id == "bpdoctor"


def _in_cells(report: Report, starts: Sequence[tuple[int, int]]) -> Report:
    def moved(mark: Mark | None) -> Mark | None:
        if mark is None or not mark.span.file.endswith("notebook.py"):
            return mark
        first, number = max(start for start in starts if start[0] <= mark.span.line)
        span = mark.span
        shift = first - 1
        place = replace(span, file=f"{NAME} [{number}]", line=span.line - shift, end_line=span.end_line - shift)
        return replace(mark, span=place)

    findings = tuple(
        replace(f, primary=moved(f.primary), related=tuple(m for r in f.related if (m := moved(r)) is not None))
        for f in report.findings
    )
    # A line alone, without its cell, would say nothing.
    subject = replace(
        report.subject,
        parameters=tuple(replace(p, line=None) for p in report.subject.parameters),
        loss=report.subject.loss and replace(report.subject.loss, line=None),
    )
    return replace(
        report,
        path="notebook",
        kind="notebook",
        findings=findings,
        reason_at=moved(report.reason_at),
        subject=subject,
        gradients=tuple(replace(g, line=None) for g in report.gradients),
    )


def _history(shell: Any) -> list[tuple[int, str]]:
    """The cells that ran before this one, as they were typed last, where they ran first.

    What failed is left out, and so is what this cell was before it was corrected.
    """
    typed: Sequence[str] = shell.history_manager.input_hist_raw
    runs: Runs | None = getattr(shell, "bpdoctor_runs", None)
    cells = runs.cells if runs is not None else {}
    current = cells.get(len(typed) - 1)
    found: dict[str, tuple[int, int, str]] = {}
    for number, source in enumerate(typed[:-1]):
        text = HEADER.sub("", source)
        key = cells.get(number, text)
        if not text.strip() or key == current or (runs is not None and number in runs.failed):
            continue
        first = found[key][0] if key in found else number
        found[key] = (first, number, text)
    return [(number, text) for _, number, text in sorted(found.values())]


def _options(line: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="%%bpdoctor", add_help=False)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--time-limit", type=float, default=20.0)
    parser.add_argument("--alone", action="store_true", help="this cell only")
    parser.add_argument("--dry", action="store_true", help="do not run the cell itself")
    return parser.parse_args(shlex.split(line))
