"""A rule's page: what the code does, why it is wrong, sick and cured, how it is proved."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import TextIO

from bpdoctor.model.rule import Rule
from bpdoctor.report.cells import wrap
from bpdoctor.report.format import Options
from bpdoctor.report.paint import Row, write

HEADINGS = ("What it does", "Why it is wrong", "Example", "Use instead", "How it is proved")
CODE = frozenset({"Example", "Use instead"})
INDENT = "  "


def explain(rule: Rule, stream: TextIO, *, options: Options) -> None:
    """Write the page of one rule."""
    write(_page(rule, options), stream, options=options)


def sections(explanation: str) -> dict[str, str]:
    """Split a rule's docstring at its headings; what stands before the first one is under "".

    A heading is a line that holds nothing but its words, perhaps after ``##`` or over a row of dashes.

    Examples
    --------
    >>> sections("Too long.\\n\\n## Example\\n    x = 1\\n")
    {'': 'Too long.', 'Example': '    x = 1'}
    """
    found: dict[str, list[str]] = {"": []}
    name = ""
    first, _, rest = explanation.partition("\n")
    for line in [first.strip(), *textwrap.dedent(rest).splitlines()]:
        words = line.strip("#: \t")
        if words in HEADINGS:
            name = words
            found.setdefault(name, [])
        elif not (re.fullmatch(r"[-=~]{3,}", line.strip()) and name and not found[name]):
            found[name].append(line)
    texts = {name: "\n".join(lines).strip("\n").rstrip() for name, lines in found.items()}
    return {name: text for name, text in texts.items() if text}


def _page(rule: Rule, options: Options) -> Iterator[Row]:
    parts = sections(rule.explanation)
    yield ((f"{rule.severity}[{rule.code}]", rule.severity), (f" {rule.slug}", "strong"))
    yield ((rule.title, ""),)
    if rule.aliases:
        yield ((f"also selected as: {', '.join(rule.aliases)}", "faint"),)
    if "" in parts:
        yield ()
        yield from _prose(parts[""], "", options)
    if "Why it is wrong" not in parts and rule.why:
        parts["Why it is wrong"] = rule.why
    if "Example" not in parts and rule.invalid:
        parts["Example"] = rule.invalid[0]
    if "Use instead" not in parts and rule.valid:
        parts["Use instead"] = rule.valid[0]
    for heading in HEADINGS:
        if heading in parts:
            yield ()
            yield ((heading, "help"),)
            yield from _body(heading, parts[heading], options)


def _body(heading: str, text: str, options: Options) -> Iterator[Row]:
    if heading not in CODE:
        yield from _prose(text, INDENT, options)
        return
    lines = [line for line in text.splitlines() if not line.strip().startswith(("```", "~~~"))]
    for line in textwrap.dedent("\n".join(lines)).splitlines():
        yield ((INDENT * 2 + line, ""),)


def _prose(text: str, indent: str, options: Options) -> Iterator[Row]:
    """Paragraphs are filled again to the width; indented lines and lists stay as they are."""
    for index, paragraph in enumerate(re.split(r"\n\s*\n", text)):
        if index:
            yield ()
        kept = any(re.match(r"\s|[-*] ", line) for line in paragraph.splitlines())
        lines = paragraph.splitlines() if kept else [" ".join(paragraph.split())]
        for line in lines:
            for part in wrap(line, max(options.width - len(indent), 20), ascii=options.ascii):
                yield ((indent + part, ""),)
