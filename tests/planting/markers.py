"""The hints that networks carry in trailing comments, `#@ kind key=value … ; kind …`.

They say what a statement is for (an update, an activation derivative, the loss …), so that faults can be
planted with a label known by construction and gradients can be verified by differences. `strip` removes them
before any program is checked: the tool under test never sees one. Values contain no blanks, except for the
probe kinds `theta`, `loss`, `loss+`, `grad` and `implied`, whose whole rest is one expression.

`silent`: no loss is computed in the code, so a delta that is exact for another standard loss is no fault.
`kink`: the first steps stand on a kink. `mark NAME`: a place that other hints refer to (`before=`, `also=`).
The other kinds are faults to plant, each described at its operator.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

NETWORKS = Path(__file__).resolve().parent.parent / "networks"
PROBES = ("theta", "loss", "loss+", "grad", "implied")
_MARK = re.compile(r"[ \t]*#@ (?P<body>.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Spec:
    """One hint: its kind, its keys, and the line it stands on."""

    kind: str
    line: int
    expression: str = ""
    keys: dict[str, str] = field(default_factory=dict)

    def get(self, key: str, default: str = "") -> str:
        """The value of a key, or the default."""
        return self.keys.get(key, default)


@dataclass(frozen=True)
class Network:
    """A healthy program: its name, its text without hints, and the hints."""

    name: str
    text: str
    specs: tuple[Spec, ...]

    def of(self, *kinds: str) -> list[Spec]:
        """The hints of these kinds, in source order."""
        return [s for s in self.specs if s.kind in kinds]


def strip(text: str) -> str:
    """The program without hints; line numbers do not change."""
    return _MARK.sub("", text)


def _spec(body: str, line: int) -> Spec:
    kind, _, rest = body.strip().partition(" ")
    if kind in PROBES:
        return Spec(kind, line, expression=rest.strip())
    keys = dict(part.partition("=")[::2] for part in rest.split())
    return Spec(kind, line, keys=keys)


def parse(text: str) -> tuple[Spec, ...]:
    """All hints of a program."""
    found = []
    for number, row in enumerate(text.splitlines(), 1):
        mark = _MARK.search(row)
        if mark:
            found += [_spec(body, number) for body in mark["body"].split(" ; ")]
    return tuple(found)


def load(name: str) -> Network:
    """A network of `tests/networks` by name."""
    text = (NETWORKS / f"{name}.py").read_text(encoding="utf-8")
    return Network(name, strip(text), parse(text))


def names() -> list[str]:
    """The names of all healthy networks."""
    return sorted(p.stem for p in NETWORKS.glob("*.py") if not p.stem.startswith("_"))
