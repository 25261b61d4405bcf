"""`python -m tests.stuck [NAME ...]`: networks that are stuck, each for another cause, and what is said of them."""

from __future__ import annotations

import sys

from tests.stuck.told import FOLDER, TOLD, told


def main() -> int:
    """Print one row a network; 1 when a cause is not the one that is written in the file."""
    names = sys.argv[1:] or sorted(path.stem for path in FOLDER.glob("*.py"))
    missed = 0
    print(f"{'network':20} {'cause':30} {'line':>4}  {'said':30} {'line':>4}")
    for name in names:
        row = told(FOLDER / f"{name}.py")
        right = row.said == row.cause
        missed += not right
        mark = "" if right else "  <--"
        print(f"{name:20} {row.cause[0]:30} {row.cause[1]:>4}  {row.said[0]:30} {row.said[1]:>4}{mark}")
        for text in row.evidence[:TOLD]:
            print(f"{'':20}   {text}")
    print(f"{len(names) - missed} of {len(names)} told apart")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
