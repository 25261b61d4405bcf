"""Numbers that a re-run was given, in the frames that a repair is looked for in."""

import sys
from types import FrameType
from typing import Any

from bpdoctor.observe.stopped import stopped

RATE = 0.125


class Unit:
    def __init__(self, bias: float) -> None:
        self.bias = bias


def frame_with(weight: float, unit: Unit, row: list[float]) -> FrameType:
    names: Any = (weight, unit, row)
    assert names
    return sys._getframe()


def test_a_number_is_exchanged_under_every_name_and_in_what_is_held() -> None:
    weight, bias = 0.3, 0.4
    unit, row = Unit(bias), [weight, 0.5]
    frame = frame_with(weight, unit, row)
    (seen,) = stopped([frame], {id(weight): 7.0, id(bias): 8.0})
    assert (seen.f_locals["weight"], unit.bias, row) == (7.0, 8.0, [7.0, 0.5])
    assert frame.f_locals["weight"] == 0.3
    assert seen.f_globals["RATE"] == 0.125


def test_without_any_all_is_as_it_was() -> None:
    unit = Unit(0.4)
    (seen,) = stopped([frame_with(0.3, unit, [])], {})
    assert (seen.f_locals["weight"], unit.bias) == (0.3, 0.4)
