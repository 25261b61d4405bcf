"""Resource limits: time, memory, file size, descriptors. They hold on every POSIX system."""

from __future__ import annotations

import contextlib
import resource

from bpdoctor.model.record import record


@record
class Budget:
    """What one child may use. `processes` is 0 where the kernel's count would include the user's own."""

    seconds: int
    memory: int
    file: int = 10 << 20
    files: int = 64
    processes: int = 0


def limit(budget: Budget) -> None:
    """Set the limits of this process for good."""
    _set(resource.RLIMIT_CPU, budget.seconds, budget.seconds + 1)
    _set(resource.RLIMIT_AS, budget.memory)
    _set(resource.RLIMIT_FSIZE, budget.file)
    _set(resource.RLIMIT_NOFILE, budget.files)
    _set(resource.RLIMIT_CORE, 0)
    if budget.processes and hasattr(resource, "RLIMIT_NPROC"):
        _set(resource.RLIMIT_NPROC, budget.processes)


def _set(kind: int, soft: int, hard: int | None = None) -> None:
    _, ceiling = resource.getrlimit(kind)
    hard = soft if hard is None else hard
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (soft, hard))
