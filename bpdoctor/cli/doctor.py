"""``bpdoctor doctor``."""

from __future__ import annotations

import platform

import click

from bpdoctor import __version__


@click.command("doctor")
def command() -> None:
    """Print what this machine offers: versions, and how tightly submissions can be held."""
    import numpy
    import scipy

    from bpdoctor.grade.classroom import Settings, hosted

    host = hosted(0, Settings())
    host.close()
    click.echo(f"bpdoctor {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}")
    click.echo(f"numpy {numpy.__version__}, scipy {scipy.__version__}")
    steps = [name for name in ("namespaces", "landlock", "seccomp", "identity") if host.hold[name]]
    click.echo(f"isolation of submissions: {host.rung} ({', '.join(['limits', *steps])})")


COMMAND = command
