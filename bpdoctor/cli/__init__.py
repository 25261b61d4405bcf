"""The command line: one file a command, found by its COMMAND. Their tops import only click and stdlib."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from bpdoctor import __version__
from bpdoctor.cli.choices import debug_option

__all__ = ["EXIT_INTERNAL", "EXIT_SICK", "EXIT_USAGE", "group", "main"]

EXIT_SICK = 1
EXIT_USAGE = 2
EXIT_INTERNAL = 101
EXIT_INTERRUPTED = 130


class Commands(click.Group):
    """A group whose commands are the modules of this package that have a COMMAND."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return sorted(self._found())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command; where a file has its name, only that is imported."""
        return self._found(cmd_name).get(cmd_name) or self._found().get(cmd_name)

    def _found(self, name: str = "") -> dict[str, click.Command]:
        """The commands by name, of all files or of the one with this name."""
        found: dict[str, click.Command] = {}
        for info in pkgutil.iter_modules(__path__):
            if name in ("", info.name):
                command = getattr(importlib.import_module(f"{__name__}.{info.name}"), "COMMAND", None)
                if isinstance(command, click.Command) and command.name:
                    found[command.name] = command
        return found


def _version(ctx: click.Context, parameter: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        click.echo(f"bpdoctor {__version__}")
        ctx.exit()


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version,
              help="Show the version and exit.")  # fmt: skip
@debug_option
def group() -> None:
    """Find, explain and repair bugs in hand-written backpropagation."""


_TRACEBACK = "Traceback (most recent call last):"


def main(args: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code: 0, 1 errors found, 2 bad usage, 101 a fault of ours."""
    settings: dict[str, Any] = {"debug": False}
    try:
        result = group.main(
            None if args is None else list(args), prog_name="bpdoctor", obj=settings, standalone_mode=False
        )
    except click.Abort:
        click.echo("interrupted", err=True)
        return EXIT_INTERRUPTED
    except click.ClickException as problem:
        problem.show()
        return EXIT_USAGE
    except Exception as fault:
        if settings["debug"]:
            traceback.print_exc()
        lines = str(fault).strip().splitlines()
        # Of a child's traceback the last line says what happened.
        told = " ".join(" ".join(lines[-1:] if lines[:1] == [_TRACEBACK] else lines).split())
        name = f"{type(fault).__name__}: {told}" if told else type(fault).__name__
        print(f"internal error: {name}, please report (--debug shows the traceback)", file=sys.stderr)
        return EXIT_INTERNAL
    return result if isinstance(result, int) else 0
