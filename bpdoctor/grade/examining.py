"""Inside a confined child: examine a whole program as `bpdoctor check` does, and tell the outcome."""

from __future__ import annotations

from typing import Any

from bpdoctor.grade import child

_FINDINGS = 40


def preload() -> None:
    """Load once what every examination needs."""
    from bpdoctor import pipeline
    from bpdoctor.autodiff import registry  # noqa: F401
    from bpdoctor.pipeline import diagnosing, findings  # noqa: F401

    pipeline.preload()
    pipeline.Options()


def serve(entry: str, seed: int) -> None:
    """Examine `entry` when asked."""
    child.prepare(seed)

    def examine(header: Any, arrays: list[Any]) -> Any:
        from bpdoctor.pipeline import Options, check_path

        report = check_path(entry, Options(seed=seed, time_limit=header["seconds"], fix=False))
        return {
            "verdict": report.verdict,
            "reason": report.reason[:400],
            "gradients": [(g.parameter[:80], g.status) for g in report.gradients],
            "findings": [
                (f.rule, f.severity, f.message[:400], f.primary.span.line if f.primary else 0)
                for f in report.findings[:_FINDINGS]
            ],
        }

    child.answer({"examine": examine})
