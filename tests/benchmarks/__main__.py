"""Print the tables that are asked for, or all. Paths after `a` are checked in place of the gallery's."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence

import numpy as np

from tests.benchmarks import blackbox, blackbox_mass, grading, million, monitoring, start_up, steps


def main(args: Sequence[str]) -> int:
    """`[a [PATH...] | b | c | d [SIZE...] | e [COUNT [SEED]] | f [COUNT] | g]`."""
    if args and args[0] not in ("a", "b", "c", "d", "e", "f", "g"):
        usage = "[a [PATH...] | b | c | d [SIZE...] | e [COUNT [SEED]] | f [COUNT] | g]"
        print(f"usage: python -m tests.benchmarks {usage}", file=sys.stderr)
        return 2
    print(f"Python {platform.python_version()}, NumPy {np.__version__}")
    if not args or args[0] == "a":
        start_up.main(args[1:])
    if not args or args[0] == "b":
        steps.main()
    if not args or args[0] == "c":
        million.main()
    if not args or args[0] == "d":
        blackbox.main(args[1:])
    if not args or args[0] == "e":
        blackbox_mass.main(*map(int, args[1:]))
    if not args or args[0] == "f":
        grading.main(args[1:])
    if not args or args[0] == "g":
        monitoring.main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
