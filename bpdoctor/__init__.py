"""Finds, explains and repairs bugs in hand-written backpropagation. Importing it imports nothing else."""

TYPE_CHECKING = False
"""True for type checkers, which know the name; `typing` itself would cost more than all the rest."""
if TYPE_CHECKING:
    from bpdoctor.blackbox.derivative import check_derivative
    from bpdoctor.blackbox.gradients import check_gradients
    from bpdoctor.blackbox.layer import check_layer
    from bpdoctor.blackbox.losses import check_loss
    from bpdoctor.model.report import Report, Sick
    from bpdoctor.monitor import Monitor, watch
    from bpdoctor.notebook import load_ipython_extension
    from bpdoctor.pipeline.door import check

__version__ = "0.1.0"
__all__ = [
    "Monitor",
    "Report",
    "Sick",
    "check",
    "check_derivative",
    "check_gradients",
    "check_layer",
    "check_loss",
    "load_ipython_extension",
    "watch",
]

_HOMES = {
    "Monitor": "bpdoctor.monitor",
    "Report": "bpdoctor.model.report",
    "Sick": "bpdoctor.model.report",
    "check": "bpdoctor.pipeline.door",
    "check_derivative": "bpdoctor.blackbox.derivative",
    "check_gradients": "bpdoctor.blackbox.gradients",
    "check_layer": "bpdoctor.blackbox.layer",
    "check_loss": "bpdoctor.blackbox.losses",
    "load_ipython_extension": "bpdoctor.notebook",
    "watch": "bpdoctor.monitor",
}
"""Where each public name lives; imported when it is first used, so that numpy is not paid for by an import."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'bpdoctor' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
