"""``bpdoctor check``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TextIO

import click

from bpdoctor.cli import EXIT_SICK, EXIT_USAGE, console
from bpdoctor.cli.choices import color_option, debug_option, format_called
from bpdoctor.cli.examination import HINTS, examination_options, given, options_for, project
from bpdoctor.cli.loading import loading
from bpdoctor.cli.progress import progress
from bpdoctor.cli.targets import targets
from bpdoctor.cli.texts import texts

if TYPE_CHECKING:
    from bpdoctor.model.report import Report
    from bpdoctor.report import Format, Hints


@click.command("check")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    metavar="NAME",
    callback=format_called,
    help="text (default), concise, json, html...; else by the suffix of --output.",
)
@click.option("--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write the report there.")
@examination_options
@click.option("--strict", is_flag=True, help="Warnings count as errors for the exit code.")
@click.option("--hints", type=click.Choice(HINTS), default="fix", show_default=True, help="How much to give away.")
@click.option("--fix/--no-fix", default=True, help="Look for fixes and try them.", show_default=True)
@click.option("--watch", is_flag=True, help="Check again whenever a file changes, until Ctrl-C.")
@color_option
@debug_option
@click.pass_context
def command(ctx: click.Context, /, *, paths: Sequence[str], output: str | None, watch: bool, **_: Any) -> int:
    """Run each program, compare its gradients with the truth and say what is wrong, where and why.

    PATH is a Python file, a notebook, a folder, or FILE:NAME for one class or function. Defaults may
    stand in [tool.bpdoctor] of pyproject.toml. The exit code is 0 when nothing is wrong, 1 when errors
    were found, 2 when a file could not be examined, 101 when bpdoctor itself failed.
    """
    code = _once(ctx, paths, output)
    if watch:
        from bpdoctor.cli.watch import changes

        for _change in changes(paths):
            click.clear()
            code = _once(ctx, paths, output)
    return code


def _once(ctx: click.Context, paths: Sequence[str], output: str | None) -> int:
    """Check all files and report."""
    written = given(ctx)
    files = targets(paths)
    asked = {**project(paths[0]), **written}
    form = written.get("form") or _by_name(asked.get("format")) or _by_suffix(output)
    color, hints = ctx.params["color"], asked.get("hints", "fix")
    _require(form)
    reports = _examine(files, {**written, "pictures": True} if form.pictures else written)
    if output is None:
        _write_out(reports, form, color=color, hints=hints)
    else:
        _write_file(reports, form, output, color=color, hints=hints)
    return exit_code(reports, strict=bool(asked.get("strict", False)))


def exit_code(reports: Iterable[Report], *, strict: bool = False) -> int:
    """An error that was found counts for more than a file that could not be examined."""
    reports = list(reports)
    severities = {finding.severity for report in reports for finding in report.findings}
    if "error" in severities or (strict and "warning" in severities):
        return EXIT_SICK
    undecided = any(report.verdict == "inconclusive" or report.reason for report in reports)
    return EXIT_USAGE if undecided else 0


def _require(form: Format) -> None:
    """Say what to install before anything is run."""
    if form.needs is not None and find_spec(form.needs[0]) is None:
        module, extra = form.needs
        raise click.UsageError(f"--format {form.name} needs {module}: pip install 'bpdoctor[{extra}]'")


def _examine(files: Sequence[str], written: Mapping[str, Any]) -> list[Report]:
    """Check the files one after the other."""
    with loading():
        from bpdoctor.pipeline import check_path, preload

        preload()
    reports = []
    with progress(len(files)) as begin:
        for file in files:
            begin(file)
            reports.append(check_path(file, options_for(file, written)))
    return reports


def _by_name(name: str | None) -> Format | None:
    """A format that pyproject.toml asks for."""
    from bpdoctor.report import formats

    if name is not None and name not in formats():
        raise click.UsageError(f"no format is called '{name}'; there are {', '.join(formats())}.")
    return None if name is None else formats()[name]


def _by_suffix(output: str | None) -> Format:
    """``--output report.json`` means JSON; a suffix that is no format's, or several formats', means text."""
    if output is None:
        from bpdoctor.report.terminal import FORMAT

        return FORMAT
    from bpdoctor.report import formats

    known = formats()
    fitting = [form for form in known.values() if output.endswith(form.suffix)]
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
