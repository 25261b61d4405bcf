"""``bpdoctor explain``."""

from __future__ import annotations

import sys

import click

from bpdoctor.cli import console
from bpdoctor.cli.choices import color_option, rules_called


@click.command("explain")
@click.argument("rule", metavar="CODE|SLUG")
@color_option
def command(rule: str, color: str) -> None:
    """Print a rule's page: what the code does, why it is wrong, sick and cured, how it is proved."""
    from bpdoctor.report.explain import explain

    try:
        found = rules_called(rule)
    except LookupError as problem:
        raise click.UsageError(str(problem)) from None
    options = console.options(sys.stdout, color=color)
    for index, page in enumerate(found):
        if index:
            click.echo()
        explain(page, sys.stdout, options=options)


COMMAND = command
