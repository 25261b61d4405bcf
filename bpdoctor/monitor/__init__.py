"""Watching a long training run in the user's own loop: constant memory, a small share of its time."""

from bpdoctor.monitor.monitor import Monitor, TrainingWarning
from bpdoctor.monitor.watching import watch

__all__ = ["Monitor", "TrainingWarning", "watch"]
