"""Tables of figures, with the budget beside each."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"
ROOT = Path(__file__).resolve().parents[2]


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Markdown table."""
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
    print(f"\n{title}\n")
    for row in (head, ["-" * w for w in widths], *rows):
        print("| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |")


def times(value: float) -> str:
    return f"{value:.3g} x"


def seconds(value: float) -> str:
    """A duration that a person can grasp."""
    units = ((86400.0, "days"), (3600.0, "h"), (60.0, "min"))
    for size, unit in units:
        if value >= 2 * size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g} s" if value >= 0.1 else f"{1000 * value:.3g} ms"


def within(value: float, budget: float) -> str:
    return f"<= {budget:g} x: {'kept' if value <= budget else 'EXCEEDED'}"


def clock(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def alternately(actions: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """The best time of each, taken in turns: what other work on the machine adds falls on all alike."""
    taken = [[clock(action) for action in actions] for _ in range(rounds)]
    return [min(column) for column in zip(*taken, strict=True)]
