"""`bpdoctor.check`: the same check as on the command line, for Python."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bpdoctor.model.report import Report
from bpdoctor.pipeline.check import check_path
from bpdoctor.pipeline.options import Options


def check(
    target: str | os.PathLike[str] | Any,
    *,
    seed: int = 0,
    time_limit: float | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    loss: str = "",
    params: Sequence[str] = (),
    step: str = "",
    fix: bool = True,
    pictures: bool = False,
) -> Report:
    """Examine a program: run it, compare its gradients with the truth, say what is wrong, where and why.

    Parameters
    ----------
    target : path, module, class, function or instance
        A Python file; of anything else, the file that it is defined in, or the notebook so far.
    seed : int
        Seed of the program's random generators and of the probes.
    time_limit : float, optional
        Seconds after which the program is ended and judged by what was seen.
    select, ignore : sequence of str
        Slugs of rules to use, or to leave out.
    loss, params, step
        Names that override what would be identified.
    fix : bool
        Whether fixes are searched for and tried.
    pictures : bool
        Whether ``to_html()`` is to have pictures of the computation; they cost some more runs of the program.

    Returns
    -------
    Report
        True when healthy; `print` shows it, ``to_json()`` is the same for programs.

    Raises
    ------
    TypeError
        When no source belongs to `target`.
    """
    options = Options(
        select=tuple(select),
        ignore=tuple(ignore),
        seed=seed,
        loss=loss,
        params=tuple(params),
        step=step,
        fix=fix,
        pictures=pictures,
    )
    if time_limit is not None:
        options = replace(options, time_limit=time_limit)
    cells = None if isinstance(target, str | os.PathLike) else _notebook_of(target)
    return cells(options) if cells is not None else check_path(_file_of(target), options)


def _definition(target: Any) -> Any:
    own = inspect.ismodule(target) or inspect.isroutine(target) or inspect.isclass(target)
    return target if own else type(target)


def _notebook_of(target: Any) -> Callable[[Options], Report] | None:
    """What examines the cells typed so far, where the target was defined in one of them."""
    here = getattr(_definition(target), "__module__", "") == "__main__"
    ipython = sys.modules.get("IPython") if here else None
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return None
    notebook: Any = importlib.import_module("bpdoctor.notebook")
    return lambda options: notebook.examine(notebook.typed(shell), options)


def _file_of(target: Any) -> str:
    if isinstance(target, str | os.PathLike):
        return os.fspath(target)
    try:
        file = inspect.getsourcefile(_definition(target))
    except (TypeError, OSError):
        file = None
    if file is None or not os.path.exists(file):
        raise TypeError(f"no source file belongs to {target!r}; in a notebook use %%bpdoctor in the cell that trains")
    return file
