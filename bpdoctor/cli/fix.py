"""``bpdoctor fix``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from bpdoctor.cli import console
from bpdoctor.cli.check import exit_code
from bpdoctor.cli.choices import color_option, debug_option
from bpdoctor.cli.examination import examination_options, given, options_for, project
from bpdoctor.cli.targets import targets

if TYPE_CHECKING:
    from bpdoctor.model.report import Finding, Report
    from bpdoctor.pipeline import Mended


@click.command("fix")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--diff/--write", "only_diff", default=True, help="Show what would change (default), or change it.")
@click.option("--unsafe", is_flag=True, help="Also fixes that may change more than the fault.")
@click.option("--strict", is_flag=True, help="Mend what is only warned of too.")
@examination_options
@color_option
@debug_option
@click.pass_context
def command(ctx: click.Context, /, *, paths: Sequence[str], only_diff: bool, unsafe: bool, **_: Any) -> int:
    """Mend programs: apply fixes one after another, each tried on the text as the last one left it.

    The changes go to standard output, what was done to standard error. The exit code says what is wrong
    with the files as they are afterwards: 0 nothing, 1 errors, 2 when one could not be examined.
    """
    from bpdoctor.pipeline import mend_path

    written = given(ctx)
    strict = bool({**project(paths[0]), **written}.get("strict", False))
    left: list[Report] = []
    for path in targets(paths):
        mended = mend_path(path, options_for(path, written), warnings=strict, unsafe=unsafe)
        if only_diff:
            _show(mended.diff, color=ctx.params["color"])
        else:
            _write(mended)
        _tell(path, mended, wrote=not only_diff)
        left.append(mended.before if only_diff else mended.after)
    return exit_code(left, strict=strict)


def _show(diff: str, *, color: str) -> None:
    """For people in colours; for `patch` every byte as it is."""
    from bpdoctor.report.paint import diff_row, write

    if sys.stdout.isatty() or color == "always":
        rows = [diff_row(line) for line in diff.splitlines()]
        write(rows, sys.stdout, options=console.options(sys.stdout, color=color))
    else:
        sys.stdout.write(diff)


def _write(mended: Mended) -> None:
    from bpdoctor.load import save

    for source in mended.changed:
        try:
            save(source)
        except OSError as problem:
            raise click.FileError(source.path, problem.strerror or "cannot be written") from problem


def _tell(path: str, mended: Mended, *, wrote: bool) -> None:
    for finding in mended.made:
        click.echo(
            f"{_place(path, finding)}: {'fixed' if wrote else 'would fix'} {finding.rule}: {_title(finding)}", err=True
        )
    click.echo(f"{path}: {_outcome(mended)}", err=True)


def _outcome(mended: Mended) -> str:
    from bpdoctor.report.wording import verdict

    after = mended.after
    if not mended.made:
        return (
            f"nothing to fix, {verdict(after)}" if not after.findings else f"nothing could be fixed, {verdict(after)}"
        )
    return f"{len(mended.made)} fixed, then {verdict(after)}"


def _title(finding: Finding) -> str:
    return finding.fix.title if finding.fix is not None else ""


def _place(path: str, finding: Finding) -> str:
    mark = finding.primary
    return path if mark is None else f"{mark.span.place}:{mark.span.line}:{mark.span.column}"


COMMAND = command
