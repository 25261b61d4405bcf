"""Pages of HTML: one file, no network, no script; everything a student wrote is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import zip_longest

from bpdoctor.grade.marks import Grade, Hints
from bpdoctor.grade.report.rubric import points, sections, total

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem }
table { border-collapse: collapse } td, th { text-align: left; padding: .25rem .6rem; vertical-align: top;
border-bottom: 1px solid #ddd } td:first-child { min-width: 11rem } td.n:first-child { min-width: 5rem }
td.n, th.n { text-align: right; white-space: nowrap; min-width: 6rem } .passed { color: #17692c }
.partial { color: #8a5a00 } .failed { color: #a11 } .bar { background: #4a7; height: .8rem; display: inline-block }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd } td, th { border-color: #444 }
.passed { color: #6c8 } .partial { color: #db6 } .failed { color: #f88 } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def document(title: str, body: Iterable[str]) -> str:
    """Return a whole page."""
    head = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
        f'content="{_POLICY}"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>\n"
    )
    return head + "\n".join(body) + "\n</body></html>\n"


def table(head: Iterable[str], rows: Iterable[Iterable[tuple[str, str]]]) -> str:
    """Return a table; a cell is a text and a class, and so is the head above it."""
    rows = [list(row) for row in rows]
    kinds = [c if c == "n" else "" for _, c in rows[0]] if rows else []
    top = "".join(f'<th class="{c}">{escape(h)}</th>' for h, c in zip_longest(head, kinds, fillvalue=""))
    body = "\n".join("<tr>" + "".join(f'<td class="{c}">{escape(t)}</td>' for t, c in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>\n{body}</table>"


def page(title: str, grade: Grade, hints: Hints) -> str:
    """Return the feedback page of one student."""
    reached, most = total(grade)
    body = [f"<h1>{escape(title)}</h1>", f"<p><b>{points(reached)} of {points(most)} points</b></p>"]
    if grade.problem and hints != "none":
        body.append(f"<p>{escape(grade.problem)}</p>")
    for section in sections(grade, hints):
        if section.hidden:
            body.append(f"<h2>{escape(section.name)} (hidden, {points(section.most)} points)</h2>")
            continue
        body.append(f"<h2>{escape(section.name)}: {points(section.points)} of {points(section.most)}</h2>")
        rows = [
            [(x.name or "all", x.status), (f"{points(x.points)} of {points(x.most)}", "n"), (x.text, "")]
            for x in section.lines
        ]
        body.append(table(["", "points", ""], rows))
    return document(title, body)
