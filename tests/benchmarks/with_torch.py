"""`torch.autograd.gradcheck` on the same network, where torch is installed."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from tests.benchmarks.table import alternately, clock, seconds, times


def rows(W: list[Any], b: list[Any], x: Any, y: Any, one: float) -> list[list[str]]:
    """The fast mode measured, the slow mode (every weight) extrapolated from its forward passes."""
    if importlib.util.find_spec("torch") is None:
        return [["torch.autograd.gradcheck", "", "", "torch is not installed"]]
    torch = importlib.import_module("torch")
    parameters = [torch.tensor(v, requires_grad=True) for v in (*W, *b)]
    inputs, targets = torch.tensor(x), torch.tensor(y)

    def loss(*theta: Any) -> Any:
        a = inputs
        for i in range(2):
            a = torch.tanh(a @ theta[i] + theta[3 + i])
        return -(targets * torch.log_softmax(a @ theta[2] + theta[5], dim=1)).sum() / len(targets)

    def forward() -> object:
        with torch.no_grad():
            return loss(*parameters)

    (theirs,) = alternately([forward], 30)
    fast = clock(lambda: torch.autograd.gradcheck(loss, parameters, fast_mode=True))
    slow = 2 * sum(v.numel() for v in parameters) * theirs
    return [
        ["torch.autograd.gradcheck, slow", seconds(slow), times(slow / one), "extrapolated"],
        ["torch.autograd.gradcheck, fast", seconds(fast), times(fast / one), "measured"],
    ]
