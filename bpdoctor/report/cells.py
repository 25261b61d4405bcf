"""Text in terminal cells: what a character looks like on screen and how wide it is there."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

TAB = " " * 4
ELLIPSIS = {False: "…", True: "..."}
# Controls could move the cursor, format characters could reorder the line (Trojan Source),
# surrogates cannot be encoded: all of them are shown as escapes.
_ESCAPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NO_CELLS = frozenset({"Mn", "Me"})
_GREEK = "GREEK SMALL LETTER "
_IN_ASCII = {
    "…": "...", "×": "x", "·": "*", "−": "-", "–": "-", "—": "--", "→": "->", "≠": "!=", "≤": "<=",
    "≥": ">=", "≈": "~=", "±": "+-", "∂": "d", "Σ": "sum", "∑": "sum", "√": "sqrt", "²": "^2", "ᵀ": "^T",
    "′": "'", "’": "'", "‘": "'", "“": '"', "”": '"', "∞": "inf",
}  # fmt: skip


def glyph(char: str, *, ascii: bool = False) -> tuple[str, int]:
    """Return what is printed for one character and the cells it takes.

    Examples
    --------
    >>> glyph("x"), glyph("梯"), glyph("\\x1b")
    (('x', 1), ('梯', 2), ('\\\\x1b', 4))
    >>> glyph("σ", ascii=True), glyph("é", ascii=True)
    (('sigma', 5), ('\\\\xe9', 4))
    """
    if " " <= char <= "~":
        return char, 1
    if char == "\t":
        return TAB, len(TAB)
    category = unicodedata.category(char)
    if ascii and (plain := _in_ascii(char)):
        return plain, len(plain)
    if ascii or category in _ESCAPED:
        escaped = char.encode("unicode_escape").decode("ascii")
        return escaped, len(escaped)
    if category in _NO_CELLS:
        return char, 0
    return char, 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _in_ascii(char: str) -> str:
    """How one writes the sign or the Greek letter where there is only ASCII; empty if one does not."""
    name = unicodedata.name(char, "")
    greek = name.removeprefix(_GREEK).lower() if name.startswith(_GREEK) else ""
    return _IN_ASCII.get(char, greek if greek.isalpha() else "")


def clean(text: str, *, ascii: bool = False) -> str:
    """Return `text` as it is safe to print on one line."""
    return "".join(glyph(char, ascii=ascii)[0] for char in text)


def width(text: str, *, ascii: bool = False) -> int:
    """Return the cells `text` takes once printed.

    Examples
    --------
    >>> width("梯度 = 1"), width("e\\u0301")
    (8, 1)
    """
    return sum(glyph(char, ascii=ascii)[1] for char in text)


def wrap(text: str, room: int, *, ascii: bool = False) -> list[str]:
    """Break `text` into lines of at most `room` cells where it has spaces; a longer word stays whole.

    Examples
    --------
    >>> wrap("the pullback of x @ w", 12)
    ['the pullback', 'of x @ w']
    """
    return [line for part in text.splitlines() for line in _wrap_line(part.rstrip(), room, ascii)] or [""]


def _wrap_line(text: str, room: int, ascii: bool) -> Iterator[str]:
    if width(text, ascii=ascii) <= room:
        yield text
        return
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line.strip() and width(longer, ascii=ascii) > room:
            yield line
            line = word
        else:
            line = longer
    yield line


def pad(text: str, cells: int, *, ascii: bool = False) -> str:
    """Fill `text` up with spaces to `cells`."""
    return text + " " * max(0, cells - width(text, ascii=ascii))


def crop(text: str, cells: int, *, ascii: bool = False) -> str:
    """Cut `text` to `cells`, with an ellipsis where something was lost.

    Examples
    --------
    >>> crop("a_very_long_name", 8)
    'a_very_…'
    """
    if width(text, ascii=ascii) <= cells:
        return text
    dots = ELLIPSIS[ascii]
    kept, used = "", len(dots)
    for char in text:
        used += glyph(char, ascii=ascii)[1]
        if used > cells:
            break
        kept += char
    return kept + dots
