"""Progress of a monitored run on the terminal: step, loss with its course, layers, warnings as they arise."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from bpdoctor.report.sparkline import sparkline

if TYPE_CHECKING:
    from rich.console import RenderableType

    from bpdoctor.monitor.monitor import Monitor

_PAUSE = 0.5
_MOST_ROWS = 8
_MOST_WARNINGS = 4


class Live:
    """A few lines at the bottom of the terminal, drawn again twice a second at most."""

    def __init__(self, monitor: Monitor) -> None:
        import rich.console
        import rich.live

        self.monitor = monitor
        self.drawn = 0.0
        self.began, self.first = time.perf_counter(), monitor.steps
        self.live = rich.live.Live(console=rich.console.Console(stderr=True), auto_refresh=False, transient=False)
        self.live.start()

    def update(self, now: float) -> None:
        """Draw, where enough time has passed."""
        if now - self.drawn >= _PAUSE:
            self.drawn = now
            self.live.update(self.picture(now), refresh=True)

    def close(self) -> None:
        self.live.update(self.picture(time.perf_counter()), refresh=True)
        self.live.stop()

    def picture(self, now: float) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        return Group(
            Text(self._line(now), no_wrap=True, overflow="ellipsis"),
            *(Text(row, style="dim", no_wrap=True, overflow="ellipsis") for row in self._rows()),
            *(
                Text(f"! step {w.step}: {w.message}", style="yellow" if w.severity == "warning" else "red")
                for w in self.monitor.warnings[-_MOST_WARNINGS:]
            ),
        )

    def _line(self, now: float) -> str:
        monitor = self.monitor
        speed = (monitor.steps - self.first) / max(now - self.began, 1e-9)
        of = f"/{monitor.total}" if monitor.total else ""
        losses = [record.get("loss") for record in monitor.history]
        last = monitor.history.last or {}
        loss = f"  loss {last['loss']:.4g}  {sparkline(losses)}" if "loss" in last else ""
        return f"step {monitor.steps}{of}  {speed:.0f}/s{loss}"

    def _rows(self) -> list[str]:
        last: dict[str, Any] = self.monitor.history.last or {}
        rows = []
        for name, a in last.get("activations", {}).items():
            extra = "".join(f"  {k} {a[k]:.0%}" for k in ("dead", "saturated") if k in a)
            rows.append(f"  {name}: mean {a.get('mean', 0):.3g}  std {a.get('std', 0):.3g}{extra}")
        for name, g in last.get("gradients", {}).items():
            update = last.get("parameters", {}).get(name, {}).get("update")
            moved = "" if update is None else f"  update/weight {update:.1e}"
            rows.append(f"  {name}: gradient {g['norm']:.2e}{moved}")
        return rows[:_MOST_ROWS]
