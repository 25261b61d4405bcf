"""A pipeline that examines nothing: it answers by the name of the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bpdoctor.model.report import Finding, Mark, Report
from bpdoctor.model.source import Span


@dataclass(frozen=True)
class Options:
    """The fields agreed on with the real pipeline."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    seed: int = 0
    time_limit: float = 60.0
    loss: str | None = None
    params: tuple[str, ...] = ()
    step: str | None = None
    fix: bool = True


def finding(severity: str, path: str) -> Finding:
    return Finding(
        "BP301",
        "double-activation-derivative",
        severity,  # type: ignore[arg-type]
        "the factor of `W1` is wrong",
        Mark(Span(path, 1, 1, 1, 4), "here"),
    )


def answer(path: str) -> Report:
    name = Path(path).stem
    report = Report(path, "script", "healthy")
    if name.startswith("sick"):
        return replace(report, verdict="sick", findings=(finding("error", path),))
    if name.startswith("odd"):
        return replace(report, findings=(finding("warning", path),))
    if name.startswith("broken"):
        return replace(report, verdict="inconclusive", reason="SyntaxError: invalid syntax")
    if name.startswith("crash"):
        raise RuntimeError("the tape\nis torn")
    return report


@dataclass
class Seen:
    """What the command line asked of the pipeline."""

    paths: list[str]
    options: list[Options]


Run = Callable[..., tuple[int, str, str]]
"""A command line, run: exit code, standard output, standard error."""
