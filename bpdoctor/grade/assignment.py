"""The assignment file: what is asked, the checks and their points, the limits."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from bpdoctor.grade import schema
from bpdoctor.grade.checks import Check, kinds
from bpdoctor.grade.marks import HINTS, Hints
from bpdoctor.grade.remote import Allowance
from bpdoctor.model.record import record


class BadAssignment(Exception):
    """The file is not a valid assignment; `problems` has one line for each thing that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@record
class Credit:
    """How much is given for what is wrong in a known way."""

    scale: float
    follow_through: float
    consequences: float


@record
class Assignment:
    """A valid assignment."""

    path: Path
    title: str
    entry: str
    reference: Path | None
    starter: Path | None
    seed: int
    hints: Hints
    tolerance: float
    required: tuple[str, ...]
    credit: Credit
    allowance: Allowance
    checks: tuple[Check, ...]
    digest: str

    @property
    def files(self) -> list[Path]:
        """Return all files that make the assignment; they stand in one folder."""
        own = [file for file in (self.path, self.reference, self.starter) if file is not None]
        return list(dict.fromkeys([*own, *(file for check in self.checks for file in check.files())]))

    @property
    def points(self) -> float:
        """Return the points that can be had."""
        return round(sum(check.points for check in self.checks), 4)


_TOP = {
    "title": schema.text("Assignment"),
    "entry": schema.text("solution.py"),
    "reference": schema.text(""),
    "starter": schema.text(""),
    "seed": schema.whole(0),
    "hints": schema.choice(*HINTS, default="place"),
    "tolerance": schema.number(1e-5, least=1e-12, most=0.1),
}
_LIMITS = {
    "seconds": schema.number(10.0, least=0.1, most=3600),
    "total_seconds": schema.whole(60, least=1),
    "memory_mb": schema.whole(1024, least=64),
    "output_kb": schema.whole(64, least=1),
    "disk_mb": schema.whole(64, least=1),
}
_CREDIT = {
    "scale": schema.number(0.5, most=1),
    "follow_through": schema.number(0.5, most=1),
    "consequences": schema.number(1.0, most=1),
}
_REQUIRE = {"functions": schema.words([]), "classes": schema.words([]), "methods": schema.words([])}
_COMMON = {
    "kind": schema.text(),
    "name": schema.text(""),
    "points": schema.number(least=0),
    "hidden": schema.flag(False),
    "tolerance": schema.number(0.0, most=0.1),
}
_SECTIONS = ("assignment", "limits", "credit", "require", "check")


def read(path: str | Path) -> Assignment:
    """Read and check an assignment file.

    Raises
    ------
    BadAssignment
        With everything that is wrong, not only the first thing.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
        told = tomllib.loads(content.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise BadAssignment([f"{path}: {problem}"]) from None
    problems = [f"unknown section [{k}]; there are {', '.join(_SECTIONS)}" for k in told if k not in _SECTIONS]
    top = schema.checked(told.get("assignment", {}), _TOP, "[assignment]", problems)
    limits = schema.checked(told.get("limits", {}), _LIMITS, "[limits]", problems)
    credit = schema.checked(told.get("credit", {}), _CREDIT, "[credit]", problems)
    require = schema.checked(told.get("require", {}), _REQUIRE, "[require]", problems)
    files = {k: _beside(path, top[k], k, problems) for k in ("reference", "starter")}
    checks = _checks(told.get("check"), top["tolerance"], path.parent, problems)
    if top["entry"] and (Path(top["entry"]).name != top["entry"] or not top["entry"].endswith(".py")):
        problems.append("[assignment]: `entry` must be the name of a .py file, without a folder")
    if any(check.needs_reference for check in checks) and not files["reference"] and not problems:
        problems.append("[assignment]: `reference` is missing; some checks compare with it")
    if problems:
        raise BadAssignment(problems)
    return Assignment(
        path=path, title=top["title"], entry=top["entry"], reference=files["reference"], starter=files["starter"],
        seed=top["seed"], hints=top["hints"], tolerance=top["tolerance"],
        required=(*require["functions"], *require["classes"], *require["methods"]),
        credit=Credit(**credit), allowance=_allowance(limits), checks=tuple(checks),
digest=_digest(content, files["reference"], checks),
    )  # fmt: skip


def _checks(tables: Any, tolerance: float, folder: Path, problems: list[str]) -> list[Check]:
    if not isinstance(tables, list) or not tables:
        problems.append("there is no [[check]]")
        return []
    known, found = kinds(), []
    for number, table in enumerate(tables, 1):
        where = f"[[check]] {number}"
        kind = known.get(table.get("kind"))
        if kind is None:
            problems.append(f"{where}: `kind` must be one of {', '.join(known)}")
            continue
        values = schema.checked(table, {**_COMMON, **kind.FIELDS}, where, problems)
        values["name"] = values["name"] or f"{values['kind']} {number}"
        values["tolerance"] = values["tolerance"] or tolerance
        if None not in values.values():
            check = kind({**values, "folder": folder})
            problems += [f"{where}: {p}" for p in check.problems()]
            found.append(check)
    names = [check.name for check in found]
    problems += [f"two checks are called `{n}`" for n in dict.fromkeys(names) if names.count(n) > 1]
    return found


def _beside(path: Path, name: str | None, key: str, problems: list[str]) -> Path | None:
    """Reference and starter stand beside the assignment file."""
    if not name:
        return None
    found = path.parent / name
    if not found.is_file():
        problems.append(f"[assignment]: `{key}`: there is no file {found}")
        return None
    return found


def _allowance(limits: dict[str, Any]) -> Allowance:
    return Allowance(
        seconds=limits["seconds"], total=limits["total_seconds"], memory=limits["memory_mb"] << 20,
        output=limits["output_kb"] << 10, disk=limits["disk_mb"] << 20,
    )  # fmt: skip


def _digest(content: bytes, reference: Path | None, checks: list[Check]) -> str:
    """A result belongs to the assignment as it was, its reference and its data included."""
    needed = [*([reference] if reference else []), *(file for check in checks for file in check.files())]
    parts = [content, *(file.read_bytes() for file in needed)]
    return hashlib.sha256(b"".join(hashlib.sha256(p).digest() for p in parts)).hexdigest()
