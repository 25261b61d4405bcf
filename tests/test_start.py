"""What a check loads before it knows that there is something to diagnose; records, of which many are defined then."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from bpdoctor.model.record import record

_LATER = ("bpdoctor.diagnose", "bpdoctor.fix", "bpdoctor.pipeline.searching", "numpy.ma", "scipy", "rich")
_START = "import sys; from bpdoctor.pipeline import preload; preload(); print(*sys.modules)"


@record
class Point:
    """Two numbers, and names."""

    x: int
    y: int = 2
    names: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return self.x + self.y


@record(eq=False)
class Place:
    """One of a kind."""

    x: int


def test_a_check_starts_without_what_only_sick_programs_need() -> None:
    done = subprocess.run([sys.executable, "-c", _START], capture_output=True, text=True, check=True)
    assert not set(_LATER) & set(done.stdout.split())


def test_a_record_is_a_dataclass_that_stays_as_it_is() -> None:
    point = Point(1)
    assert repr(point) == "Point(x=1, y=2, names=())"
    assert [f.name for f in fields(Point)] == ["x", "y", "names"]
    assert replace(point, x=3) == Point(3) != point
    for change in (lambda: setattr(point, "x", 5), lambda: delattr(point, "x"), lambda: setattr(point, "size", 5)):
        with pytest.raises(FrozenInstanceError):
            change()
    with pytest.raises(AttributeError):
        point.z = 1  # type: ignore[attr-defined]
    assert (point.x, point.size) == (1, 3)


def test_records_are_compared_by_their_fields_or_are_themselves() -> None:
    assert {Point(1), Point(1), Point(1, 3)} == {Point(1), Point(1, 3)}
    assert Point(1) != Place(1) != Place(1)
    assert len({Place(1), Place(1)}) == 2


def test_records_are_copied_and_sent() -> None:
    point = Point(1, names=("a",))
    assert pickle.loads(pickle.dumps(point)) == point == copy.deepcopy(point)
