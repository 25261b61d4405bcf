"""``bpdoctor rules``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from bpdoctor.cli import console

if TYPE_CHECKING:
    from bpdoctor.model.rule import Rule


def _text(rules: Sequence[Rule]) -> str:
    from bpdoctor.report.cells import clean, pad

    ascii = not console.can_show_unicode(sys.stdout)
    table = [(rule.code, rule.slug, rule.severity, rule.title) for rule in rules]
    widths = [max((len(line[column]) for line in table), default=0) for column in range(3)]
    lines = []
    for *cells, title in table:
        padded = "  ".join(pad(cell, size) for cell, size in zip(cells, widths, strict=True))
        lines.append(f"{padded}  {clean(title, ascii=ascii)}")
    return "\n".join(lines)


def _json(rules: Sequence[Rule]) -> str:
    keys = ("code", "slug", "severity", "title", "aliases")
    return json.dumps([{key: getattr(rule, key) for key in keys} for rule in rules], indent=2)


def _markdown(rules: Sequence[Rule]) -> str:
    head = ["| code | rule | severity | what is wrong |", "|---|---|---|---|"]
    return "\n".join(
        head + [f"| {r.code} | `{r.slug}` | {r.severity} | {r.title.replace('|', chr(92) + '|')} |" for r in rules]
    )


FORMATS: dict[str, Callable[[Sequence[Rule]], str]] = {"text": _text, "json": _json, "markdown": _markdown}


@click.command("rules")
@click.option("--format", "form", type=click.Choice(tuple(FORMATS)), default="text", show_default=True)
def command(form: str) -> None:
    """List the rules: code, slug, severity, title."""
    from bpdoctor.rules import all_rules

    click.echo(FORMATS[form](list(all_rules().values())))


COMMAND = command
