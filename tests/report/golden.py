"""Comparison with a text that was read by a person; BPDOCTOR_BLESS=1 writes it anew."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "goldens"


def assert_golden(name: str, text: str) -> None:
    """Compare `text` with the file `name`, byte for byte."""
    path = FOLDER / name
    if os.environ.get("BPDOCTOR_BLESS") == "1":
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.exists(), f"no golden {name}: run with BPDOCTOR_BLESS=1 and read the result"
    assert text == path.read_text(encoding="utf-8"), f"{name} differs (BPDOCTOR_BLESS=1 rewrites it)"
