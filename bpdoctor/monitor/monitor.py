"""The monitor: told of every step, it reads the arrays of some, keeps a record and warns."""

from __future__ import annotations

import math
import os
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from bpdoctor.monitor.journal import Journal
from bpdoctor.monitor.readings import Activity, Weights, norm
from bpdoctor.monitor.series import Series
from bpdoctor.monitor.symptoms import ROWS, Symptom, Symptoms

if TYPE_CHECKING:
    from bpdoctor.model.report import Report
    from bpdoctor.monitor.live import Live

Arrays = Mapping[str, Any] | Sequence[Any]
# The first steps are read in any case: what is wrong from the start is seen there.
_FIRST = 3
_LONGEST_PAUSE = 10_000


class TrainingWarning(UserWarning):
    """Something in the training run is not as it should be."""


class Monitor:
    """Watch a training run in your own loop.

    Parameters
    ----------
    path : path, optional
        Where the record is written, one JSON object a line. A file that exists is replaced, or gone on with.
    resume : bool
        Go on with the record at `path`: steps are counted from there, and nothing is warned of twice.
    every : int, optional
        Read the arrays of every so many steps. By default as many steps are read as `share` allows.
    share : float
        Largest share of the time of the run that reading may take.
    live : bool, optional
        Show the progress while it goes on; by default on a terminal only.
    total : int, optional
        How many steps there will be, where that is known.

    Notes
    -----
    Memory is constant: histories are thinned out as they grow. Of each array a few numbers are kept, and a sample of
    the parameters' entries from one step to the next.

    Examples
    --------
    >>> monitor = Monitor(live=False)
    >>> for k in range(5):
    ...     monitor.step(loss=1.0 / (k + 1))
    >>> monitor.steps, bool(monitor.report())
    (5, True)
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        resume: bool = False,
        every: int | None = None,
        share: float = 0.03,
        live: bool | None = None,
        total: int | None = None,
    ) -> None:
        self.steps = 0
        self.history: Series[dict[str, Any]] = Series()
        self.every, self.share, self.total = every, share, total
        self.find: Callable[[], dict[str, dict[str, Any]]] | None = None
        self._symptoms = Symptoms()
        self._layers: defaultdict[str, Activity] = defaultdict(Activity)
        self._weights: defaultdict[str, Weights] = defaultdict(Weights)
        self._losses, self._counted = 0.0, 0
        self._record: dict[str, Any] | None = None
        self._spent, self._cost, self._read_at = 0.0, 0.0, -1
        self._began = time.perf_counter()
        self._journal = None if path is None else Journal(path, resume=resume)
        if self._journal is not None and resume:
            self._go_on(self._journal)
        self._live = _shown(live, self)

    # ---- what the user calls

    def step(
        self,
        loss: Any = None,
        *,
        activations: Arrays | None = None,
        gradients: Arrays | None = None,
        parameters: Arrays | None = None,
    ) -> None:
        """Tell of one training step; call it once a step, when the gradients are there.

        Parameters
        ----------
        loss : number, optional
        activations : mapping of str to array, or list of arrays, optional
            Outputs of the hidden layers, in order; the first axis counts samples.
        gradients, parameters : mapping of str to array, or list of arrays, optional
            Under the same names, or in the same order.
        """
        began = time.perf_counter()
        if loss is not None:
            self._losses += loss.item() if hasattr(loss, "item") else float(loss)
            self._counted += 1
        broken = not math.isfinite(self._losses)
        if self._record is not None:
            self._finish(self._record, parameters)
        if self._due(began) or (broken and not self._said_broken()):
            self._read(activations, gradients, parameters)
            self._cost = time.perf_counter() - began
        self.steps += 1
        if self._live is not None:
            self._live.update(began)
        self._spent += time.perf_counter() - began

    @property
    def warnings(self) -> tuple[Symptom, ...]:
        """What was warned of so far, in order."""
        return tuple(self._symptoms.said.values())

    def report(self) -> Report:
        """Return what was seen as a report; true where nothing is wrong."""
        from bpdoctor.monitor.reporting import report_of

        return report_of(self)

    def close(self) -> None:
        """Write what is left; a monitor used in a ``with`` block is closed at its end."""
        if self._record is not None:
            self._finish(self._record, None)
        if self._live is not None:
            self._live.close()
        if self._journal is not None:
            self._journal.close()
        self._live = self._journal = None

    def __enter__(self) -> Monitor:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # ---- reading

    def _due(self, now: float) -> bool:
        """Whether this step is read: its turn has come, or the time for it was earned."""
        if self.every is not None:
            return self.steps % self.every == 0
        pause = self.steps - self._read_at
        earned = self._spent + self._cost <= self.share * (now - self._began)
        return self.steps < _FIRST or earned or pause >= _LONGEST_PAUSE

    def _said_broken(self) -> bool:
        return any(rule == "non-finite" for rule, _ in self._symptoms.said)

    def _read(self, activations: Arrays | None, gradients: Arrays | None, parameters: Arrays | None) -> None:
        if self.find is not None and activations is gradients is parameters is None:
            found = self.find()
            activations, gradients, parameters = (found[k] for k in ("activations", "gradients", "parameters"))
        record: dict[str, Any] = {"step": self.steps}
        if self._counted:
            record["loss"] = self._losses / self._counted
        if activations is not None:
            record["activations"] = {name: self._layers[name].read(a) for name, a in _named(activations)}
        if gradients is not None:
            record["gradients"] = {name: {"norm": norm(g)} for name, g in _named(gradients)}
        if parameters is not None:
            record["parameters"] = {name: self._weights[name].read(p) for name, p in _named(parameters)}
        self._losses, self._counted, self._read_at = 0.0, 0, self.steps
        self._record = record

    def _finish(self, record: dict[str, Any], parameters: Arrays | None) -> None:
        """One step later: how far the step that was read has moved the parameters. Then it is kept."""
        if parameters is None and self.find is not None and "parameters" in record:
            parameters = self.find()["parameters"]
        for name, array in _named(parameters or {}):
            moved = self._weights[name].moved(array) if name in record.get("parameters", {}) else None
            if moved is not None:
                record["parameters"][name]["update"] = moved
        self._record = None
        self._keep(record)
        for symptom in self._symptoms.of(record):
            self._warn(symptom)
        for layer in self._layers.values():
            if layer.rows >= ROWS:
                layer.forget()

    def _keep(self, record: dict[str, Any]) -> None:
        self.history.add(record)
        if self._journal is not None:
            self._journal.write(record)

    def _warn(self, symptom: Symptom) -> None:
        if self._journal is not None:
            told = {"warning": symptom.rule or "gradient-flow", "subject": symptom.subject, "message": symptom.message}
            self._journal.write({"step": symptom.step, **told})
        if self._live is None:
            warnings.warn(f"step {symptom.step}: {symptom.message}", TrainingWarning, stacklevel=4)

    def _go_on(self, journal: Journal) -> None:
        """Take up the record where it ended."""
        for record in journal.read():
            self.steps = record["step"] + 1
            if "warning" not in record:
                self.history.add(record)
                self._symptoms.of(record)


def _named(arrays: Arrays) -> Iterable[tuple[str, Any]]:
    return arrays.items() if isinstance(arrays, Mapping) else ((str(i), a) for i, a in enumerate(arrays))


def _shown(live: bool | None, monitor: Monitor) -> Live | None:
    import sys

    if live is False or (live is None and not sys.stderr.isatty()):
        return None
    from bpdoctor.monitor.live import Live

    return Live(monitor)
