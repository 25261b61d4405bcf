"""Options whose values are looked up only when given: `--help` imports neither rules nor formats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bpdoctor.model.rule import Rule
    from bpdoctor.report import Format


def _debug(ctx: click.Context, param: click.Parameter, asked: bool) -> None:
    if asked:
        ctx.ensure_object(dict)["debug"] = True


debug_option = click.option(
    "--debug",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_debug,
    help="Show the traceback of an internal error.",
)
color_option = click.option(
    "--color", type=click.Choice(("auto", "always", "never")), default="auto", show_default=True
)


def format_called(ctx: click.Context, param: click.Parameter, name: str | None) -> Format | None:
    """Find a report format by its name."""
    if name is None:
        return None
    from bpdoctor.report import formats

    if name not in formats():
        raise click.BadParameter(f"no format is called '{name}'; there are {', '.join(formats())}.")
    return formats()[name]


def slugs_called(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> tuple[str, ...] | None:
    """Find rules by code, slug, alias or beginning of a code, separated by commas; return their slugs."""
    try:
        return named_slugs([name.strip() for value in values for name in value.split(",") if name.strip()]) or None
    except LookupError as problem:
        raise click.BadParameter(str(problem)) from None


def named_slugs(names: Iterable[str]) -> tuple[str, ...]:
    """The slugs of the rules that are meant, each once."""
    return tuple(dict.fromkeys(rule.slug for name in names for rule in rules_called(name, prefixes=True)))


def names_given(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> tuple[str, ...] | None:
    """Split names at commas."""
    names = [name.strip() for value in values for name in value.split(",") if name.strip()]
    return tuple(dict.fromkeys(names)) or None


def rules_called(name: str, *, prefixes: bool = False) -> list[Rule]:
    """Return the rules a person means by a code, a slug, an alias (or the beginning of a code).

    Raises
    ------
    LookupError
        When there is none; the message names what looks like it.
    """
    from bpdoctor.rules import all_rules

    rules = all_rules().values()
    asked = name.strip().lower()
    exact = [rule for rule in rules if asked in (rule.slug, rule.code.lower())]
    finer = [rule for rule in rules if asked in rule.aliases and rule not in exact]
    family = [rule for rule in rules if prefixes and rule.code.lower().startswith(asked)]
    found = [*exact, *finer] or (family if asked.startswith("bp") else [])
    if not found:
        raise LookupError(f"no rule is called '{name}'{_similar(asked, rules)}")
    return found


def _similar(name: str, rules: Iterable[Rule]) -> str:
    import difflib

    known = [known for rule in rules for known in (rule.slug, rule.code.lower(), *rule.aliases)]
    close = difflib.get_close_matches(name, known, n=2)
    shown = [word.upper() if word.startswith("bp") else word for word in close]
    return f"; did you mean {' or '.join(shown)}?" if shown else "; `bpdoctor rules` lists them."
