"""What can be drawn of one check: values beside their derivatives, errors entry by entry and by step size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any, Literal, TypeVar

from bpdoctor.model.record import record
from bpdoctor.model.source import Span

Standing = Literal["agrees", "first", "diverges", "follows", "unseen"]


@record
class Grid:
    """Numbers of an array as rows: all of them, or a corner, or one for each block.

    Attributes
    ----------
    rows : tuple of tuple of float
    shape : tuple of int
        Of the whole array.
    block : (int, int)
        How many entries of the array, down and across, one number stands for.
    """

    rows: tuple[tuple[float, ...], ...]
    shape: tuple[int, ...]
    block: tuple[int, int] = (1, 1)


@record
class Derivative:
    """An expression of the user's that stands for the derivative by some value, with a corner of its numbers."""

    text: str
    span: Span | None
    grid: Grid


@record
class Place:
    """One value of the forward pass, and its derivative: as the program has it, and as it is.

    Attributes
    ----------
    name, text : str
        What the value is bound to (empty where it has no name) and the expression that computes it.
    span : Span or None
        None for a loss that no line computes.
    loss : bool
        Whether this is what everything is differentiated from.
    sources : tuple of int
        Earlier places that it is computed from.
    parameters : tuple of str
        Parameters that enter on the way from there.
    value : Grid
        A corner of the numbers.
    mine, true : Derivative or None, Grid or None
        The program's derivative, and the true one times `factor`.
    factor : float
        What the program multiplies all its derivatives with here (an averaging left to the rate, a sign).
    standing : str
        ``agrees``; ``first``, where the first wrong value is; ``diverges``, where another one is; ``follows``
        from one of these; ``unseen`` where the program has no such derivative.
    error : float or None
        Largest difference relative to the largest entry.
    """

    name: str
    text: str
    span: Span | None
    loss: bool
    sources: tuple[int, ...]
    parameters: tuple[str, ...]
    value: Grid
    mine: Derivative | None
    true: Grid | None
    factor: float
    standing: Standing
    error: float | None


Moved = TypeVar("Moved", Derivative, Place)


@record
class Heat:
    """Error of each entry of one parameter's gradient, relative to the largest entry of the true gradient."""

    parameter: str
    grid: Grid


@record
class Convergence:
    """Central differences along one random direction at several step sizes, against two slopes.

    `reference` and `claimed` are the relative errors of the swept slope and of the slope that the program's
    own gradient gives; `claimed` is empty where the program's gradient gives none.
    """

    steps: tuple[float, ...]
    reference: tuple[float, ...]
    claimed: tuple[float, ...] = ()


@record
class Pictures:
    """Everything that is drawn of one recorded step; `cured` is the health of the run with the first verified fix."""

    iteration: int = 0
    places: tuple[Place, ...] = ()
    heats: tuple[Heat, ...] = ()
    convergence: tuple[Convergence, ...] = ()
    cured: Mapping[str, Any] = field(default_factory=dict)

    def placed(self, at: Callable[[Span], Span]) -> Pictures:
        """The same with every span moved."""

        def moved(item: Moved) -> Moved:
            return item if item.span is None else replace(item, span=at(item.span))

        places = tuple(replace(moved(p), mine=None if p.mine is None else moved(p.mine)) for p in self.places)
        return replace(self, places=places)
