"""Print the tables that are asked for, or all. Paths after `a` are checked in place of the gallery's."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Sequence

import numpy as np

from tests.benchmarks import blackbox, blackbox_mass, grading, million, monitoring, plugin, start_up, steps

USAGE = "[a [PATH...] | b | c | d [SIZE...] | e [COUNT [SEED]] | f [COUNT] | g | h]"
TABLES: dict[str, Callable[[Sequence[str]], object]] = {
    "a": start_up.main,
    "b": lambda _: steps.main(),
    "c": lambda _: million.main(),
    "d": blackbox.main,
    "e": lambda args: blackbox_mass.main(*map(int, args)),
    "f": grading.main,
    "g": lambda _: monitoring.main(),
    "h": lambda _: plugin.main(),
}


def main(args: Sequence[str]) -> int:
    """Print one table, or all of them."""
    if args and args[0] not in TABLES:
        print(f"usage: python -m tests.benchmarks {USAGE}", file=sys.stderr)
        return 2
    print(f"Python {platform.python_version()}, NumPy {np.__version__}")
    for name in args[:1] or TABLES:
        TABLES[name](args[1:])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
