"""``bpdoctor check``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import click

from bpdoctor.cli import EXIT_SICK, EXIT_USAGE, console
from bpdoctor.cli.choices import color_option, debug_option, format_called, names_given, slugs_called
from bpdoctor.cli.targets import targets
from bpdoctor.cli.texts import texts

if TYPE_CHECKING:
    from bpdoctor.model.report import Report
    from bpdoctor.report import Format, Hints

HINTS = ("symptom", "place", "cause", "fix")


@click.command("check")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    metavar="NAME",
    callback=format_called,
    help="text (default), concise, json...; else by the suffix of --output.",
)
@click.option("--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write the report there.")
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    callback=slugs_called,
    help="Only these rules: codes, slugs or beginnings of codes, separated by commas.",
)
@click.option("--ignore", multiple=True, metavar="RULES", callback=slugs_called, help="All rules but these.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the program's random generators and of the probes.")
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Give up on a file after this time.",
)
@click.option("--strict", is_flag=True, help="Warnings count as errors for the exit code.")
@click.option("--hints", type=click.Choice(HINTS), default="fix", show_default=True, help="How much to give away.")
@click.option("--loss", metavar="NAME", help="The variable that holds the loss, or the function that returns it.")
@click.option(
    "--params",
    multiple=True,
    metavar="NAMES",
    callback=names_given,
    help="The parameters, separated by commas.",
)
@click.option("--step", metavar="NAME", help="The function that makes one training step, or the line of its loop.")
@click.option("--fix/--no-fix", default=True, help="Look for fixes and try them.", show_default=True)
@color_option
@debug_option
def command(
    *,
    paths: Sequence[str],
    form: Format | None,
    output: str | None,
    strict: bool,
    hints: Hints,
    color: str,
    **examination: Any,
) -> int:
    """Run each program, compare its gradients with the truth and say what is wrong, where and why.

    PATH is a Python file or a folder. The exit code is 0 when nothing is wrong, 1 when errors were
    found, 2 when a file could not be examined, 101 when bpdoctor itself failed.
    """
    reports = _examine(targets(paths), examination)
    chosen = form or _by_suffix(output)
    if output is None:
        _write_out(reports, chosen, color=color, hints=hints)
    else:
        _write_file(reports, chosen, output, color=color, hints=hints)
    return exit_code(reports, strict=strict)


def exit_code(reports: Iterable[Report], *, strict: bool = False) -> int:
    """An error that was found counts for more than a file that could not be examined."""
    reports = list(reports)
    severities = {finding.severity for report in reports for finding in report.findings}
    if "error" in severities or (strict and "warning" in severities):
        return EXIT_SICK
    undecided = any(report.verdict == "inconclusive" or report.reason for report in reports)
    return EXIT_USAGE if undecided else 0


def _examine(files: Sequence[str], given: Mapping[str, Any]) -> list[Report]:
    """Check the files one after the other; what the user did not give keeps the pipeline's default."""
    from bpdoctor.pipeline import Options, check_path

    options = Options(**{name: value for name, value in given.items() if value is not None})
    return [check_path(file, options) for file in files]


def _by_suffix(output: str | None) -> Format:
    """``--output report.json`` means JSON; a suffix that is no format's, or several formats', means text."""
    from bpdoctor.report import formats

    known = formats()
    fitting = [form for form in known.values() if output is not None and output.endswith(form.suffix)]
    return fitting[0] if len(fitting) == 1 else known["text"]


def _write_out(reports: Sequence[Report], form: Format, *, color: str, hints: Hints) -> None:
    stream = sys.stdout
    try:
        _render(reports, form, stream, color=color, hints=hints)
        stream.flush()
    except BrokenPipeError:
        console.close_quietly()


def _write_file(reports: Sequence[Report], form: Format, output: str, *, color: str, hints: Hints) -> None:
    try:
        with open(output, "w", encoding="utf-8", newline="\n") as stream:
            _render(reports, form, stream, color=color, hints=hints)
    except OSError as problem:
        raise click.FileError(output, problem.strerror or "cannot be written") from problem


def _render(reports: Sequence[Report], form: Format, stream: TextIO, *, color: str, hints: Hints) -> None:
    settings = console.options(stream, color=color, hints=hints, sources=texts(reports))
    form.render(reports, stream, options=settings)


COMMAND = command
