"""Carets stand under the characters they mean, whatever those characters are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bpdoctor.model.report import Mark
from bpdoctor.model.source import Span
from bpdoctor.report import Options
from bpdoctor.report.cells import width
from bpdoctor.report.excerpt import excerpt
from tests.report.golden import assert_golden
from tests.report.samples import NET, at


def shown(primary: Mark | None, *related: Mark, width: int = 100, ascii: bool = False, **texts: str) -> str:
    sources = {f"{name}.py": text for name, text in texts.items()} or {"net.py": NET}
    options = Options(width=width, ascii=ascii, sources=sources)
    rows = excerpt(primary, related, options=options).rows
    return "\n".join("".join(text for text, _ in row).rstrip() for row in rows) + "\n"


def test_primary_first_then_related() -> None:
    text = shown(at(10, "d1.T @ x", "computed here"), at(4, "x @ W1", "differentiates this"))
    assert_golden("excerpt_two_lines.txt", text)


def test_several_spans_on_one_line() -> None:
    text = shown(
        at(10, "x", "the input"),
        at(10, "d1.T", "the delta"),
        at(10, "h.T @ d2", "correct"),
        at(10, "d1.T @ x", "all"),
    )
    assert_golden("excerpt_one_line.txt", text)


def test_two_files() -> None:
    other = "def f(x):\n    return x * 2\n"
    text = shown(at(4, "np.tanh(x @ W1)", "here"), at(2, "x * 2", "there", text=other, file="other.py"),
                 net=NET, other=other)  # fmt: skip
    assert_golden("excerpt_two_files.txt", text)


def test_a_span_over_several_lines() -> None:
    lines = "g = (a\n     + b\n\n     + c)\nu = 1\n"
    text = shown(Mark(Span("net.py", 1, 5, 4, 10), "the sum"), Mark(Span("net.py", 5, 1, 5, 2), "later"), net=lines)
    assert_golden("excerpt_lines.txt", text)


def test_a_long_span_is_shortened() -> None:
    lines = "".join(f"line_{number}()\n" for number in range(1, 31))
    text = shown(Mark(Span("net.py", 9, 1, 21, 1), "the loop"), Mark(Span("net.py", 2, 1, 2, 7), "x"), net=lines)
    assert_golden("excerpt_long_span.txt", text)


def test_wide_characters() -> None:
    line = "    梯度 = 误差 @ 权重.T  # é\n"
    text = shown(at(1, "误差", "wide", text=line), at(1, "权重.T", "also wide", text=line), net=line)
    assert_golden("excerpt_wide.txt", text)
    assert_golden("excerpt_wide_ascii.txt", shown(at(1, "权重.T", "σ", text=line), net=line, ascii=True))


def test_tabs_and_control_characters() -> None:
    line = "\tx\t= y  # \x1b[31m \u202e\n"
    text = shown(at(1, "y", "after two tabs", text=line), net=line)
    assert_golden("excerpt_tabs.txt", text)
    assert "\x1b" not in text and "\u202e" not in text


def test_long_lines_are_cropped_around_the_span() -> None:
    line = "total = " + " + ".join(f"w{number} * x{number}" for number in range(60)) + "\n"
    parts = [
        shown(at(1, words, "this one is wrong", text=line), net=line, width=72)
        for words in ("w0 * x0", "w30 * x30", "w59 * x59", line.rstrip())
    ]
    assert_golden("excerpt_cropped.txt", "".join(parts))
    assert max(width(row) for part in parts for row in part.split("\n")) <= 72


def test_a_long_label_hangs_and_wraps() -> None:
    label = "this label has so many words that it cannot stand beside the stroke, wherever that may be"
    parts = [shown(at(10, words, label), width=60) for words in ("return", "h.T @ d2")]
    assert_golden("excerpt_long_label.txt", "".join(parts))


def test_without_the_text_it_is_told_in_words() -> None:
    beyond = Mark(Span("net.py", 99, 1, 99, 2), "beyond the end")
    elsewhere = Mark(Span("gone.py", 3, 1, 3, 5), "defined\nthere")
    assert_golden("excerpt_no_text.txt", shown(beyond, elsewhere))


def test_an_empty_span_gets_one_caret() -> None:
    assert shown(Mark(Span("net.py", 1, 6, 1, 6), "here"), net="x = (\n").endswith("1 | x = (\n  |      ^ here\n")


def test_form_feeds_and_other_separators_end_no_line() -> None:
    text = "a = 1\x0c\u2028\r\nb = 2\rc = 3"
    assert "3 | c = 3" in shown(Mark(Span("net.py", 3, 1, 3, 2), ""), net=text)


LINES = st.text(st.characters(exclude_characters="\r\n"), max_size=60)


@given(st.lists(LINES, min_size=1, max_size=9), st.data(), st.integers(20, 80), st.booleans())
def test_any_spans_in_any_text(lines: list[str], data: st.DataObject, size: int, ascii: bool) -> None:
    """No input breaks the renderer, no row leaves the width, and something is underlined."""

    def mark() -> Mark:
        first = data.draw(st.integers(1, len(lines)))
        last = data.draw(st.integers(first, len(lines)))
        column = data.draw(st.integers(1, len(lines[first - 1]) + 1))
        end = data.draw(st.integers(column if first == last else 1, len(lines[last - 1]) + 1))
        return Mark(Span("net.py", first, column, last, end), data.draw(st.sampled_from(["", "here", "a b c " * 9])))

    text = shown(mark(), mark(), mark(), net="\n".join(lines), width=size, ascii=ascii)
    header, *rows = text.rstrip("\n").split("\n")
    assert header.lstrip().startswith("--> net.py:")
    assert any("^" in row for row in rows)
    assert all(width(row) <= max(size, 24) for row in rows)
    assert text.isascii() or not ascii


@given(LINES, st.data())
def test_the_carets_are_under_the_characters(line: str, data: st.DataObject) -> None:
    """In cells: what stands left of the carets is as wide as what stands left of the span."""
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, len(line)))
    text = shown(Mark(Span("net.py", 1, start + 1, 1, end + 1), ""), net=line, width=2000)
    if end <= len(line.rstrip()):
        under = text.split("\n")[2]
        assert under.index("^") - len("  | ") == width(line[:start])
        # An empty span stands at the character behind it.
        assert under.count("^") == max(width(line[start:end]), 1) or start == end
