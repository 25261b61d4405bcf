"""What a person may ask of an examination, on the command line or in pyproject.toml."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from bpdoctor.cli.choices import named_slugs, names_given, slugs_called

if TYPE_CHECKING:
    from bpdoctor.pipeline import Options

HINTS = ("symptom", "place", "cause", "fix")
_FOR_REPORTS = frozenset({"format", "hints", "strict"})
F = TypeVar("F", bound=Callable[..., Any])


def _words(ctx: click.Context, param: click.Parameter, text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(shlex.split(text))


_OPTIONS = (
    click.option(
        "--select",
        multiple=True,
        metavar="RULES",
        callback=slugs_called,
        help="Only these rules: codes, slugs or beginnings of codes, separated by commas.",
    ),
    click.option("--ignore", multiple=True, metavar="RULES", callback=slugs_called, help="All rules but these."),
    click.option(
        "--seed", type=click.IntRange(min=0), help="Seed of the program's random generators and of the probes."
    ),
    click.option(
        "--time-limit",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help="Give up on a file after this time.",
    ),
    click.option("--args", metavar="WORDS", callback=_words, help="The program's own arguments, as one quoted text."),
    click.option(
        "--data-stub",
        is_flag=True,
        help="Where a data file is missing, go on with synthetic data of the shape that the code tells.",
    ),
    click.option("--loss", metavar="NAME", help="The variable that holds the loss, or the function that returns it."),
    click.option(
        "--params", multiple=True, metavar="NAMES", callback=names_given, help="The parameters, separated by commas."
    ),
    click.option("--step", metavar="NAME", help="The function that makes one training step, or the line of its loop."),
)
NAMES = ("select", "ignore", "seed", "time_limit", "args", "data_stub", "loss", "params", "step", "fix", "pictures")


def examination_options(command: F) -> F:
    """The options that say what is examined and how."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def project(path: str) -> dict[str, Any]:
    """What the project of a path asks for; rules by their slugs."""
    from bpdoctor.load.settings import BadSettings, settings_for

    try:
        settings = settings_for(path)
        values = dict(settings.values)
        for key in ("select", "ignore"):
            if key in values:
                values[key] = named_slugs(values[key])
    except BadSettings as problem:
        raise click.UsageError(str(problem)) from None
    except LookupError as problem:
        raise click.UsageError(f"{settings.file}: {problem}") from None
    if values.get("hints", "fix") not in HINTS:
        raise click.UsageError(f"{settings.file}: [tool.bpdoctor] hints must be one of {', '.join(HINTS)}")
    return values


def given(ctx: click.Context) -> dict[str, Any]:
    """What was written on the command line itself."""
    return {
        name: value
        for name, value in ctx.params.items()
        if value is not None and ctx.get_parameter_source(name) is not ParameterSource.DEFAULT
    }


def options_for(path: str, written: Mapping[str, Any]) -> Options:
    """The command line before the project before what the pipeline does by itself."""
    from bpdoctor.pipeline import Options

    asked = {**{k: v for k, v in project(path).items() if k not in _FOR_REPORTS}, **written}
    return Options(**{name: value for name, value in asked.items() if name in NAMES})
