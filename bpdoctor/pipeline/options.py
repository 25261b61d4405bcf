"""What a user may ask of a check."""

from __future__ import annotations

from bpdoctor.model.record import record
from bpdoctor.model.stub import Stub


@record
class Options:
    """Options of a check; every field has the default that most people want.

    Attributes
    ----------
    select, ignore : tuple of str
        Slugs of rules to use, or to leave out.
    seed : int
        Seed of the program's random generators and of the probes.
    time_limit : float
        Seconds after which a program is ended and judged by what was seen.
    loss, params, step
        Names that override what would be identified.
    done : tuple of int
        Lines whose updates were examined before, and are left alone now.
    name : str
        The class or function that findings are wanted of.
    args : tuple of str
        The program's own arguments on its command line.
    fix : bool
        Whether fixes are searched for and tried.
    trial : bool
        Whether this is the trial of a fix: the run is followed briefly, and the reference, which was
        confirmed before, is not confirmed again.
    quick : bool
        Stop the program once the training step was examined (used to try fixes).
    data_stub : bool
        Whether synthetic data stands for files that are not there, where the program tells their shape.
    data : tuple of Stub
        What stands for them, once that is known.
    pictures : bool
        Collect what a page draws: more re-runs of the program, and the run of the mended one.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    seed: int = 0
    time_limit: float = 20.0
    loss: str = ""
    params: tuple[str, ...] = ()
    step: str = ""
    done: tuple[int, ...] = ()
    name: str = ""
    args: tuple[str, ...] = ()
    fix: bool = True
    trial: bool = False
    quick: bool = False
    data_stub: bool = False
    data: tuple[Stub, ...] = ()
    pictures: bool = False
