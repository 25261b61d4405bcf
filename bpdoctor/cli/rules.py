"""``bpdoctor rules``."""

from __future__ import annotations

import json
import sys

import click

from bpdoctor.cli import console


@click.command("rules")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(form: str) -> None:
    """List the rules: code, slug, severity, title."""
    from bpdoctor.report.cells import clean, pad
    from bpdoctor.rules import all_rules

    rules = list(all_rules().values())
    if form == "json":
        keys = ("code", "slug", "severity", "title", "aliases")
        click.echo(json.dumps([{key: getattr(rule, key) for key in keys} for rule in rules], indent=2))
        return
    ascii = not console.can_show_unicode(sys.stdout)
    table = [(rule.code, rule.slug, rule.severity, rule.title) for rule in rules]
    widths = [max((len(line[column]) for line in table), default=0) for column in range(3)]
    for *cells, title in table:
        padded = "  ".join(pad(cell, size) for cell, size in zip(cells, widths, strict=True))
        click.echo(f"{padded}  {clean(title, ascii=ascii)}")


COMMAND = command
