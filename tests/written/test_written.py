"""Programs written without sight of the code, in styles of their own: each right, and with one mistake.

`faults.json` holds for each the lines that make it wrong, what that is called, and where it is to be found.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bpdoctor.pipeline import Options, check_path

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
# Right ones of which not all can be examined.
PARTLY = frozenset({"modules"})
MISSED: frozenset[str] = frozenset()
# Found, and said otherwise or elsewhere.
UNNAMED = frozenset({"pure_python_rows"})
ELSEWHERE = frozenset(
    {"pure_python_rows", "leaky_class", "maxpool", "modules", "swish", "shared_layer", "tensor_engine"}
)


@dataclass(frozen=True)
class Written:
    """A program, the edits that make it wrong (first line, line after the last, what stands there), and the label."""

    program: str
    slugs: tuple[str, ...]
    lines: tuple[int, ...]
    edits: tuple[tuple[int, int, list[str]], ...]
    note: str

    @property
    def name(self) -> str:
        return self.program.removesuffix(".py")

    @property
    def sick(self) -> str:
        rows = (PROGRAMS / self.program).read_text(encoding="utf-8").splitlines()
        for first, after, new in sorted(self.edits, reverse=True):
            rows[first - 1 : after - 1] = new
        return "\n".join(rows) + "\n"


def _written(entry: dict[str, Any]) -> Written:
    edits = tuple((first, after, new) for first, after, new in entry["edits"])
    return Written(entry["program"], tuple(entry["slugs"]), tuple(entry["lines"]), edits, entry["note"])


WRITTEN = [_written(entry) for entry in json.loads((HERE / "faults.json").read_text(encoding="utf-8"))]


@pytest.mark.parametrize("written", WRITTEN, ids=lambda w: w.name)
def test_right_ones_are_silent(written: Written) -> None:
    report = check_path(str(PROGRAMS / written.program), Options(fix=False))
    assert [(f.rule, f.message) for f in report.findings if f.severity != "note"] == []
    assert report.verdict == ("inconclusive" if written.name in PARTLY else "healthy"), report.reason


@pytest.mark.parametrize("written", WRITTEN, ids=lambda w: w.name)
def test_mistakes_are_found(written: Written, tmp_path: Path) -> None:
    path = tmp_path / written.program
    path.write_text(written.sick, encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    found = [f for f in report.findings if f.severity != "note"]
    assert bool(found) is (written.name not in MISSED), (written.note, report.verdict, report.reason)
    if found:
        named = {f.rule for f in found} & set(written.slugs)
        assert bool(named) is (written.name not in UNNAMED), [f.rule for f in found]
        places = {f.primary.span.line for f in found if f.primary is not None}
        assert bool(places & set(written.lines)) is (written.name not in ELSEWHERE), (places, written.lines)


MENDED = [
    ("cbow_pinyin", "np.subtract.at(qianru, shangxiawen"),
    ("clip_norm", "** 0.5"),
    ("lstm", "dc * f"),
    ("rnn_pt", "h[t - 1]"),
    ("weight_decay", "grad - self.decay"),
]


@pytest.mark.parametrize(("name", "text"), MENDED, ids=[name for name, _ in MENDED])
def test_mistakes_are_mended(name: str, text: str, tmp_path: Path) -> None:
    written = next(w for w in WRITTEN if w.name == name)
    path = tmp_path / written.program
    path.write_text(written.sick, encoding="utf-8")
    fixes = [f.fix for f in check_path(str(path)).findings if f.fix is not None]
    assert [text in fix.title for fix in fixes] == [True], fixes


def test_every_label_has_a_program() -> None:
    assert {w.program for w in WRITTEN} == {p.name for p in PROGRAMS.glob("*.py")}
    names = {w.name for w in WRITTEN}
    assert names > MISSED | UNNAMED | ELSEWHERE | PARTLY
