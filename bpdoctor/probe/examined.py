"""What came of examining one definition."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from bpdoctor.model.record import record
from bpdoctor.model.source import Driver
from bpdoctor.probe.judge import Compared

# What is "driven" trains by itself: the recording engine judges it on the driver.
Outcome = Literal["right", "wrong", "unclear", "driven"]


@record
class Examined:
    """One definition that was called, or the reason why it could not be.

    Attributes
    ----------
    name, line : str, int
        As the module calls it; where its backward side is defined.
    kind : str
        "layer", "derivative", "loss", "network" or "engine".
    compared : tuple of Compared
        Every slot with its status.
    drivers : tuple of Driver
        Programs on which the recording engine may find the cause, the likeliest first.
    words : mapping of str to str
        What names in the drivers are called by the user.
    facts, reason
        What is worth saying; why the outcome is unclear.
    rule : str
        The slug of what is wrong, where the way it was called tells.
    guessed : tuple of str
        Arguments of which nothing tells what they are: an error found with them may be an error of ours.
    alone : bool
        Whether it has data of its own: where these are missing, nothing is known of it and nothing said.
    ended : int
        The line of the return that gave what is wrong; 0 where that is not known.
    otherwise : Examined or None
        The same definition under another description, for where this one tells nothing.
    """

    name: str
    line: int
    kind: str
    outcome: Outcome
    compared: tuple[Compared, ...] = ()
    drivers: tuple[Driver, ...] = ()
    words: dict[str, str] = field(default_factory=dict)
    facts: tuple[str, ...] = ()
    reason: str = ""
    rule: str = "wrong-gradient"
    guessed: tuple[str, ...] = ()
    alone: bool = False
    ended: int = 0
    otherwise: Examined | None = None
