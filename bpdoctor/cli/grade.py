"""``bpdoctor grade``."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bpdoctor.cli import EXIT_SICK, EXIT_USAGE

if TYPE_CHECKING:
    from bpdoctor.grade.assignment import Assignment
    from bpdoctor.grade.store import Row

RUNGS = ("basic", "container", "strict")
_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_any = click.Path(exists=True, path_type=Path)
_folder = click.Path(file_okay=False, path_type=Path)
_assignment = click.argument("assignment", type=_file)
_submissions = click.argument("submissions", type=_any)
_results = click.option("--results", type=_folder, default=Path("results"), show_default=True, help="Where results go.")
_jobs = click.option(
    "--jobs", type=click.IntRange(min=1), help="Submissions at a time; the number of cores by default."
)
_require = click.option(
    "--require-isolation", type=click.Choice(RUNGS), default="basic", show_default=True,
    help="Refuse to run where submissions cannot be held as tightly.",
)  # fmt: skip
_at_most = click.option("--isolation-at-most", type=click.Choice(RUNGS), default="strict", hidden=True)


@click.group("grade")
def command() -> None:
    """Grade a class: every submission runs confined, alone and in time; marks are partial and reproducible."""


@command.command("run")
@_assignment
@_submissions
@_results
@_jobs
@_require
@_at_most
@click.option("--scheduler", metavar="ADDRESS", default="", help="Grade on a dask.distributed cluster.")
@click.option("--shard", metavar="I/N", help="Grade only the I-th of N shares; `merge` joins them.")
def run(assignment: Path, submissions: Path, results: Path, shard: str | None, **settings: Any) -> int:
    """Grade SUBMISSIONS (a folder or zip, one entry a student) by ASSIGNMENT.

    May be interrupted at any moment: run again, it goes on where it was.
    """
    with _told():
        return _run(_read(assignment), submissions, results, shard=shard, **settings)


@command.command("merge")
@_assignment
@_submissions
@click.argument("shards", type=_folder, nargs=-1, required=True)
@_results
@_jobs
@_require
@_at_most
def merge(assignment: Path, submissions: Path, shards: Sequence[Path], results: Path, **settings: Any) -> int:
    """Join the results of shards; what none of them graded is graded now."""
    from bpdoctor.grade.store import Store

    with _told():
        chosen = _read(assignment)
        with Store(results, chosen.digest, chosen.seed) as store:
            for shard in shards:
                with Store(shard, chosen.digest, chosen.seed) as other:
                    store.merge(other)
        return _run(chosen, submissions, results, shard=None, **settings)


@command.command("regrade")
@_assignment
@_submissions
@_results
@_jobs
@_require
@_at_most
@click.option("--diff", is_flag=True, help="Only show what would change.")
def regrade(assignment: Path, submissions: Path, results: Path, diff: bool, **settings: Any) -> int:
    """Grade everything anew and show whose score changes."""
    import tempfile

    from bpdoctor.grade import regrade as again
    from bpdoctor.grade.report import folder
    from bpdoctor.grade.store import Store

    with _told(), tempfile.TemporaryDirectory() as fresh:
        chosen, old = _read(assignment), again.before(results)
        rows = _graded(chosen, submissions, Path(fresh), None, **settings)
        for line in (changes := again.differences(old, rows)):
            click.echo(line)
        click.echo(f"{len(changes)} of {len(rows)} scores change")
        if not diff:
            with (
                Store(results, chosen.digest, chosen.seed) as kept,
                Store(Path(fresh), chosen.digest, chosen.seed) as new,
            ):
                kept.merge(new)
            folder.write(results, chosen, rows)
    return 0


@command.command("init")
@click.argument("reference", type=_file)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="assignment.toml beside it by default.")
def init(reference: Path, output: Path | None) -> int:
    """Write a first assignment file from the REFERENCE solution."""
    from bpdoctor.grade.draft import draft

    target = output or reference.with_name("assignment.toml")
    try:
        with open(target, "x", encoding="utf-8") as stream:
            stream.write(draft(reference, target.name))
    except FileExistsError:
        raise click.UsageError(f"{target} is there already") from None
    except SyntaxError as problem:
        raise click.UsageError(f"{reference}: {problem}") from None
    click.echo(f"wrote {target}; complete it, then: bpdoctor grade validate {target}")
    return 0


@command.command("validate")
@_assignment
@_at_most
def validate(assignment: Path, isolation_at_most: Any) -> int:
    """Prove an assignment: the reference earns full marks, planted faults lose them where they should."""
    from bpdoctor.grade.classroom import Settings, hosted
    from bpdoctor.grade.proof import prove

    with _told():
        chosen = _read(assignment)
        host = hosted(0, Settings(at_most=isolation_at_most))
        try:
            proof = prove(chosen, host)
        finally:
            host.close()
    for note in proof.notes:
        click.echo(f"note: {note}")
    for problem in proof.problems:
        click.echo(f"error: {problem}")
    verdict = "not ready" if proof.problems else "ready"
    click.echo(f"{chosen.title}: {len(chosen.checks)} checks, {chosen.points:g} points, {verdict}")
    return EXIT_SICK if proof.problems else 0


@command.command("package")
@_assignment
@click.option("--platform", type=click.Choice(("gradescope", "prairielearn")), default="gradescope", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("autograder.zip"))
def package(assignment: Path, platform: str, output: Path) -> int:
    """Write an autograder zip that is ready to upload."""
    from bpdoctor.grade.package import package as pack

    with _told():
        pack(_read(assignment), platform, output)
    click.echo(f"wrote {output}")
    return 0


@command.command("autograde", hidden=True)
@click.argument("platform", type=click.Choice(("gradescope", "prairielearn")))
@click.option("--root", type=_folder, required=True)
@_require
@_at_most
def autograde(platform: str, root: Path, require_isolation: Any, isolation_at_most: Any) -> int:
    """Grade one submission in a platform's container; the assignment is in the current folder."""
    from bpdoctor.grade.classroom import Settings
    from bpdoctor.grade.package import autograde as grade

    with _told():
        grade(_read(Path("assignment.toml")), platform, root, Settings(1, require_isolation, isolation_at_most))
    return 0


# ---- parts


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What is wrong with the user's files is told, not thrown."""
    from bpdoctor.grade.assignment import BadAssignment
    from bpdoctor.grade.classroom import Refused

    try:
        yield
    except BadAssignment as bad:
        raise click.UsageError("\n".join(["the assignment is not valid", *bad.problems])) from None
    except (Refused, ValueError, FileNotFoundError) as problem:
        raise click.UsageError(str(problem)) from None


def _read(path: Path) -> Assignment:
    from bpdoctor.grade.assignment import read

    return read(path)


def _run(assignment: Assignment, submissions: Path, results: Path, **settings: Any) -> int:
    from bpdoctor.grade.report import folder, summary

    rows = _graded(assignment, submissions, results, **settings)
    folder.write(results, assignment, rows)
    click.echo(summary.as_text(assignment, rows), nl=False)
    click.echo(f"results: {results}")
    return 0 if rows else EXIT_USAGE


def _graded(
    assignment: Assignment, submissions: Path, results: Path, shard: str | None, jobs: int | None,
    require_isolation: Any, isolation_at_most: Any, scheduler: str = "",
) -> dict[str, Row]:  # fmt: skip
    from bpdoctor.grade import classroom
    from bpdoctor.grade.store import Store
    from bpdoctor.grade.submissions import collect

    found = collect(submissions, assignment.entry)
    if shard is not None:
        found = classroom.shard(found, *_share(shard))
    settings = classroom.Settings(jobs or 0, require_isolation, isolation_at_most, scheduler)
    with Store(results, assignment.digest, assignment.seed) as store, _bar() as progress:
        return classroom.run(assignment, found, store, settings, progress)


def _share(text: str) -> tuple[int, int]:
    index, _, count = text.partition("/")
    if not (index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count)):
        raise click.UsageError("--shard is written I/N, as 1/4")
    return int(index), int(count)


@contextlib.contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """A bar with the rate and the time left, where someone is looking."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, rate="")
        started = time.monotonic()

        def show(done: int, total: int) -> None:
            rate = done / max(time.monotonic() - started, 1e-3)
            bar.update(task, completed=done, total=total, rate=f"{rate:.1f}/s" if done else "")

        yield show


COMMAND = command
