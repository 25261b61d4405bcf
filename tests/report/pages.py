"""A page taken apart: its tags and texts, and what a browser makes of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
_SECONDS = 60
# Put into a copy of a page: what the reader would see of every drawing, and whether the page is too wide.
_MEASURE = """<script>
addEventListener("load", () => {
  const box = e => { const r = e.getBoundingClientRect(); return [r.width, r.height] };
  const out = {
    drawings: [...document.querySelectorAll("svg[role=img]")].map(e => ({told: e.ariaLabel, box: box(e),
      marks: e.querySelectorAll("polyline[points],path[d],rect,circle").length})),
    wide: document.documentElement.scrollWidth - innerWidth,
    paper: getComputedStyle(document.body).backgroundColor };
  const pre = document.createElement("pre"); pre.id = "measured"; pre.textContent = JSON.stringify(out);
  document.body.append(pre) });
</script>"""


@dataclass
class Page(HTMLParser):
    """Every tag with its attributes, and the text that a reader sees."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    handle_startendtag = handle_starttag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.tags if name == tag]


def parsed(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    return page


def console(path: Path) -> list[str]:
    """What the browser complains about when it opens a file."""
    done = _browse("--enable-logging=stderr", "--dump-dom", path.as_uri())
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def measured(path: Path, *options: str) -> Any:
    """What is drawn, in pixels: the page as it is, but for a script that looks at it."""
    html = path.read_text(encoding="utf-8")
    assert "<head>" in html
    html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html, count=1)
    copy = path.with_name("measured.html")
    copy.write_text(html.replace("</head>", _MEASURE + "</head>", 1), encoding="utf-8")
    done = _browse("--virtual-time-budget=2000", *options, "--dump-dom", copy.as_uri())
    found = re.search(r'<pre id="measured">(.*?)</pre>', done.stdout, re.S)
    assert found is not None, done.stderr
    return json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def _browse(*words: str) -> subprocess.CompletedProcess[str]:
    assert BROWSER is not None
    quiet = ["--headless", "--disable-gpu", "--hide-scrollbars", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return subprocess.run(
        [BROWSER, *quiet, *words], capture_output=True, text=True, timeout=_SECONDS, check=False
    )  # fmt: skip
