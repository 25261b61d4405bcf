"""One offline page in HTML: verdict, findings in their source, the map of the computation, plots of the run.

The plots are SVG inside of the page, drawn by its template: they follow the reader's colours (dark mode, print),
stay sharp, and can be read aloud. There is no script. All that is the user's goes through the template's escaping.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TextIO

from bpdoctor.model.report import Report
from bpdoctor.report.cells import clean
from bpdoctor.report.format import Format, Options
from bpdoctor.report.hints import withhold
from bpdoctor.report.page.content import content

__all__ = ["FORMAT", "render"]


def render(reports: Sequence[Report], stream: TextIO, *, options: Options) -> None:
    """Write one page with all reports."""
    pages = [content(withhold(report, options.hints), options, f"r{i + 1}") for i, report in enumerate(reports)]
    stream.write(filled("page.html", {"pages": pages}))


def filled(template: str, values: Mapping[str, Any]) -> str:
    """A template with everything in its place."""
    text: str = _templates().get_template(template).render(values)
    return text + "\n"


@cache
def _templates() -> Any:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("bpdoctor.report.page", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=_safe,
    )


def _safe(value: Any) -> Any:
    """Controls, and characters that reorder a line, are shown as what they are."""
    if isinstance(value, str) and not hasattr(value, "__html__") and not (value.isascii() and value.isprintable()):
        return clean(value)
    return value


FORMAT = Format("html", ".html", render, needs=("jinja2", "report"), pictures=True)
