"""Where a call of the definition ended: of several returns the one that gave what was compared."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import numpy as np

from bpdoctor.probe.probe import Namespace, Probe


def ended_at(probe: Probe, module: Namespace) -> int:
    """The line at which the backward call left the definition that begins at the probe's line; 0 where it did not."""
    lines = [0]

    def called(frame: FrameType, event: str, value: Any) -> Any:
        inside = frame.f_code.co_firstlineno == probe.line and frame.f_code.co_name != "<module>"
        return left if inside else None

    def left(frame: FrameType, event: str, value: Any) -> Any:
        if event == "return":
            lines.append(frame.f_lineno)
        return left

    try:
        back = probe.advance(probe.prepared(module, 1))
        back.own.update({k: np.ones(np.shape(back.value(t))) for k, t in probe.outputs.items()})
        sys.settrace(called)
        back.run(probe.backward)
    except Exception:  # what stops was told already
        return lines[-1]
    finally:
        sys.settrace(None)
    return lines[-1]
