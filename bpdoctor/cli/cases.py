"""``bpdoctor cases``."""

from __future__ import annotations

from pathlib import Path

import click

from bpdoctor.cli import EXIT_SICK
from bpdoctor.cli.gallery import Program, folder, judge, programs


@click.group("cases", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List the gallery of sick, cured and healthy networks, or run it."""
    if ctx.invoked_subcommand is not None:
        return
    gallery = _programs(None)
    size = max(len(program.case) for program in gallery)
    for program in gallery:
        click.echo(f"{program.case:<{size}}  {_expectation(program)}  {program.path}")


@command.command("run")
@click.argument("slug", required=False)
def run(slug: str | None) -> int:
    """Check the programs (of one case) and say whether what is expected was found."""
    from bpdoctor.pipeline import Options, check_path

    gallery = _programs(slug)
    options = Options()
    failures = 0
    for program in gallery:
        outcome = judge(program, check_path(str(program.path), options))
        failures += bool(outcome.missing)
        name = f"{program.case}: {program.path.name}"
        click.echo(f"MISS {name}: {outcome.missing}" if outcome.missing else f"ok   {name}")
    click.echo(f"{len(gallery) - failures} of {len(gallery)} programs as expected")
    return EXIT_SICK if failures else 0


def _programs(slug: str | None) -> list[Program]:
    """Return the programs of one case, or all; the word `healthy` means all healthy ones."""
    cases: Path | None = folder()
    if cases is None:
        raise click.UsageError("the cases folder was not found beside the package nor inside it")
    found = [
        program
        for program in programs(cases)
        if slug is None or program.case == slug or program.case.startswith(f"{slug}/")
    ]
    if not found:
        told = f"no case is called '{slug}'" if slug else f"no case in {cases}"
        raise click.UsageError(told)
    return found


def _expectation(program: Program) -> str:
    if program.expected is None:
        return "nothing to find"
    line = program.expected.get("line")
    return f"{program.expected.get('rule')}{'' if line is None else f' at line {line}'}"


COMMAND = command
