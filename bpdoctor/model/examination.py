"""What the rules that look at measurements receive: the recorded steps and what was measured on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bpdoctor.model.record import record
from bpdoctor.model.source import Span
from bpdoctor.model.tape import Tape


@dataclass(slots=True, eq=False)
class Examination:
    """A recorded run, prepared for measuring.

    Attributes
    ----------
    tape : Tape
        The early tape: from the start of the program to the moment the training step was found.
    sites : Sites
        ``sites[i]`` has ``node`` (ast), ``line``, ``text``, ``scope`` and ``statement``.
    views : list of View
        Early steps, all on `tape`; empty when nothing is trained.
    late : list of View
        Steps recorded later, in order, each on a tape of its own.
    after : Tape or None
        The tape onto which the code after the training loop was recorded. It is the tape of
        ``late[-1]`` when the last step of the loop was recorded.
    assessment : Assessment or None
        The loss hypothesis that was chosen, with the outcome of every family of parameters.
    units : list of Unit
        Activations recognised in the early steps (``bpdoctor.measure.units.find_units``).
    raised : (BaseException, Span) or None
        The exception that ended the program, with the user's own line that raised it.
    samples : list of Sample
        The numbers of every sampled step of the run, the late ones included (``bpdoctor.measure.sample``).
    groups : list of Group
        The layers that the samples tell of, in the same order.
    measurements : mapping of str to object
        What every module in ``bpdoctor.measure`` with a `MEASURE` found, by its name.
    """

    tape: Tape
    sites: Any
    views: list[Any] = field(default_factory=list)
    late: list[Any] = field(default_factory=list)
    after: Tape | None = None
    assessment: Any = None
    units: list[Any] = field(default_factory=list)
    raised: tuple[BaseException, Span] | None = None
    samples: list[Any] = field(default_factory=list)
    groups: list[Any] = field(default_factory=list)
    measurements: Mapping[str, Any] = field(default_factory=dict)


@record
class Measurement:
    """A named function of the examination; numbers and places, no verdict."""

    name: str
    function: Callable[[Examination], Any]
