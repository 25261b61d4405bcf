"""``# bpdoctor: ignore[slug] reason``: what the user does not want to hear of a line."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bpdoctor.model.record import record
from bpdoctor.model.report import Finding, Mark
from bpdoctor.model.rule import Rule
from bpdoctor.model.source import Source, Span

_COMMENT = re.compile(r"#\s*bpdoctor:\s*ignore\b(?:\s*\[([^\]]*)\])?[\s:]*(.*)")
UNUSED = "unused-ignore"


@record
class Ignore:
    """One comment. `names` is empty where it means every rule; `lines` are those it speaks of."""

    span: Span
    lines: tuple[int, ...]
    names: tuple[str, ...]
    reason: str

    def means(self, finding: Finding, rules: Mapping[str, Rule]) -> bool:
        """Whether the finding is at the comment's place and of its kind."""
        mark = finding.primary
        if mark is None or mark.span.file != self.span.file:
            return False
        if not any(mark.span.line <= line <= mark.span.end_line for line in self.lines):
            return False
        rule = rules.get(finding.rule)
        known = {finding.rule, finding.code.lower(), *(rule.aliases if rule is not None else ())}
        return not self.names or bool(known & set(self.names))


def ignores_of(source: Source, file: str) -> Iterator[Ignore]:
    """The comments of a file: each speaks of its own line, or alone on a line of the next line of code."""
    waiting: list[tuple[Span, tuple[str, ...], str]] = []
    code_on = 0
    for token in _tokens(source.text):
        line = token.start[0]
        found = _COMMENT.match(token.string) if token.type == tokenize.COMMENT else None
        if found:
            span = Span(file, line, token.start[1] + 1, line, token.end[1] + 1)
            names = tuple(name.strip().lower() for name in (found[1] or "").split(",") if name.strip())
            if code_on == line:
                yield Ignore(span, (line,), names, found[2].strip())
            else:
                waiting.append((span, names, found[2].strip()))
        elif token.type not in _LAYOUT:
            code_on = token.end[0]
            yield from (Ignore(span, (span.line, line), names, reason) for span, names, reason in waiting)
            waiting.clear()
    yield from (Ignore(span, (span.line,), names, reason) for span, names, reason in waiting)


_LAYOUT = frozenset({tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
                     tokenize.ENCODING, tokenize.ENDMARKER})  # fmt: skip


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError):
        return


def unused(ignores: Iterable[Ignore], findings: Sequence[Finding], rules: Mapping[str, Rule]) -> Iterator[Finding]:
    """A note for each comment that keeps nothing quiet, so that it does not hide something later."""
    known = {name for rule in rules.values() for name in (rule.slug, rule.code.lower(), *rule.aliases)}
    for ignore in ignores:
        if any(ignore.means(finding, rules) for finding in findings):
            continue
        strange = [name for name in ignore.names if name not in known]
        what = ", ".join(f"`{name}`" for name in strange or ignore.names)
        told = f"no rule is called {what}" if strange else f"nothing here to ignore{f' for {what}' if what else ''}"
        yield Finding("", UNUSED, "note", told, Mark(ignore.span, "this comment can go"))
