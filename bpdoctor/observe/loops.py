"""Loops: where iterations begin, which of them are recorded, and when a long one has been seen enough."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bpdoctor.model.tape import Mark
from bpdoctor.observe.costs import NUMBER, seconds_of
from bpdoctor.observe.recorder import Recorder
from bpdoctor.observe.sampling import between, following, sampled


@dataclass(slots=True)
class Limits:
    """How much is recorded before the training step is looked for, and how long it is followed after.

    `nodes`, `seconds`, `bytes`: a look at a loop that is not over is taken at the latest after so much
    recording; from `large` bytes on, two iterations of an outermost loop are enough to look at.
    `follow` is the time in seconds given to unrecorded training, as estimated from what one step
    computes: the same number of steps on every machine, unless they take longer than `patience`. Times
    are of the processor, so that a busy machine does not change what is seen.
    """

    nodes: int = 6_000
    seconds: float = 0.6
    bytes: int = 200_000_000
    large: int = 32_000_000
    follow: float = 0.4
    patience: float = 1.5
    iterations: int = 3


# After so many times what is recorded before a look, an outermost loop in which nothing was found is left unrecorded.
_LONG = 10
# Seconds, estimated as the costs are, for which nobody asks whether unrecorded steps take too long.
_UNASKED = 0.005

UNLIMITED = Limits(nodes=1 << 60, seconds=1e9, bytes=1 << 60, large=1 << 60, iterations=1 << 60)


class Loop:
    """One activation of a loop statement."""

    __slots__ = ("activation", "depth", "iteration", "length", "loops", "on_at_entry", "site", "source")

    def __init__(self, loops: Loops, site: int, source: Iterable[Any] | None) -> None:
        self.loops = loops
        self.site = site
        self.source = source
        self.iteration = -1
        self.length = _length(source)
        self.on_at_entry = loops.recorder.on
        self.activation = loops.enter(self)
        self.depth = len(loops.stack) - 1

    def __iter__(self) -> Iterator[Any]:
        for item in self.source:  # type: ignore[union-attr]
            if not self.proceed():
                return
            yield item

    def proceed(self) -> bool:
        """An iteration begins. False when this loop has been followed long enough."""
        self.iteration += 1
        loops = self.loops
        if loops.quiet > 0 and self.site == loops.step_site:
            loops.quiet -= 1
            loops.step_count += 1
            return True
        return loops.iteration(self)


def left(loop: Any) -> None:
    """Hook: a loop is left, by whatever way."""
    if type(loop) is Loop:
        loop.loops.leave(loop)


class Call:
    """One call of the function that the user named as the training step."""

    __slots__ = ("loops", "site")

    def __init__(self, loops: Loops, site: int) -> None:
        self.loops = loops
        self.site = site

    def close(self) -> None:
        """The function is left, by whatever way."""
        self.loops.marked(self.site, -1)


class Unheard:
    """A ``while`` within unrecorded steps, or around them: nobody listens."""

    def proceed(self) -> bool:
        """An iteration begins."""
        return True


UNHEARD = Unheard()


class Loops:
    """The stack of active loops and the policy of what to record.

    While scouting, everything is recorded, until `look` (asked when an outermost loop has made a few
    iterations, or when enough was recorded) names the loop whose iterations are training steps. From
    then on only sampled iterations of that loop are recorded; the others run as the user wrote them.
    `light` adds steps that are only measured, not kept, and `close` the next so many, which are only looked at;
    `full` and `measured` tell whether the one just recorded is kept, or measured at least; in the next `quiet` ones
    there is nothing to decide.
    """

    def __init__(self, recorder: Recorder, limits: Limits) -> None:
        self.recorder = recorder
        self.limits = limits
        self.stack: list[Loop] = []
        self.activations = 0
        self.calls = 0
        self.step_site: int | None = None
        self.step_count = 0
        self.skipped: Loop | None = None
        self.around: set[int] = set()
        self.cut: tuple[int, int, int | None] | None = None
        self.looked_at = 0
        self.light = False
        self.close = 0
        self.measured = False
        self.quiet = 0
        self.look: Callable[[Loop], int | None] = lambda loop: None
        self.before_outermost: Callable[[], None] = lambda: None
        self.on_window: Callable[[int], None] = lambda iteration: None
        self.began = time.process_time()
        self.followed_from: float | None = None
        self.window: int | None = None
        self.full = False
        self.allowed = 0.0
        self.unasked = 0

    def each(self, site: int, source: Iterable[Any]) -> Iterable[Any]:
        """Hook: a ``for`` starts; within unrecorded steps it runs over the user's own object."""
        if self.step_site is not None and site != self.step_site and not self.recorder.on:
            return source
        return self.loop(site, source)

    def going(self, site: int) -> Loop | Unheard:
        """Hook: a ``while`` starts."""
        if self.step_site is not None and site != self.step_site and not self.recorder.on:
            return UNHEARD
        return self.loop(site, None)

    def loop(self, site: int, source: Iterable[Any] | None) -> Loop:
        """A loop statement starts that is listened to."""
        if not self.stack and self.step_site is None and self.recorder.on:
            self.before_outermost()
        return Loop(self, site, source)

    def call(self, site: int) -> Call:
        """Hook: the function that makes a step is called. On the tape its calls are like iterations."""
        self.calls += 1
        self.marked(site, self.calls)
        return Call(self, site)

    def marked(self, site: int, call: int) -> None:
        if self.recorder.on:
            self.recorder.events.append(Mark(len(self.recorder.nodes), site, -1 - site, call, len(self.stack)))

    def enter(self, loop: Loop) -> int:
        self.quiet = 0
        self.stack.append(loop)
        self.activations += 1
        return self.activations

    def leave(self, loop: Loop) -> None:
        self.quiet = 0
        if loop in self.stack:
            del self.stack[self.stack.index(loop) :]
        if self.window is not None and loop.site == self.step_site:
            # The last step was recorded: what follows the loop is recorded onto the same tape.
            self.on_window(self.window)
            self.window = None
        elif loop.on_at_entry and not self.recorder.on and self.skipped in (None, loop):
            if self.step_site is not None and self.skipped is not loop:
                self.recorder.restart()
            self.recorder.on = True
        if self.skipped is loop:
            self.skipped = None
        self.mark(loop, -1)

    def mark(self, loop: Loop, iteration: int) -> None:
        if self.recorder.on:
            event = Mark(len(self.recorder.nodes), loop.site, loop.activation, iteration, loop.depth)
            self.recorder.events.append(event)

    def iteration(self, loop: Loop) -> bool:
        """Hook: an iteration begins; decide whether it is recorded. False to leave the loop."""
        if self.step_site is None:
            if self.skipped is None:
                self.mark(loop, loop.iteration)
                self.scout(loop)
            return True
        if loop.site == self.step_site:
            return self.follow(loop)
        if self.goes_on(loop):
            self.skip(loop)
        return True

    def goes_on(self, loop: Loop) -> bool:
        """Whether a loop after the training, which is recorded too, was seen long enough."""
        after = self.recorder.on and self.window is None and self.skipped is None and loop.site not in self.around
        enough = len(self.recorder.nodes) > self.limits.nodes and loop.iteration >= self.limits.iterations
        return after and enough

    def scout(self, loop: Loop) -> None:
        """Ask for the training step at the boundaries where a look is worth its time."""
        nodes = len(self.recorder.nodes)
        enough = nodes > self.limits.nodes or self.recorder.bytes > self.limits.bytes
        late = time.process_time() - self.began > self.limits.seconds
        iterations = 2 if self.recorder.bytes > self.limits.large else self.limits.iterations
        outermost = loop.depth == 0 and loop.iteration >= iterations
        if not (outermost or ((enough or late) and loop.iteration >= 2)) or nodes < 1.5 * self.looked_at:
            return
        self.looked_at = nodes
        self.step_site = self.look(loop)
        if self.step_site is not None:
            self.followed_from = time.process_time()
            cost = self.cost()
            self.allowed, self.unasked = self.limits.follow / cost, int(_UNASKED / cost)
            self.step_count = loop.iteration if loop.site == self.step_site else 0
            self.around = {each.site for each in self.stack}
            self.recorder.on = False
        elif loop.depth == 0 and (loop.length or 0) > 50 and (enough or late):
            self.skip(loop)
        elif nodes > _LONG * self.limits.nodes and self.stack[0].iteration >= self.limits.iterations:
            self.skip(self.stack[0])

    def skip(self, loop: Loop) -> None:
        """Record nothing of a loop any more, of which enough was seen."""
        self.skipped = loop
        self.recorder.on = False

    def cost(self) -> float:
        """Seconds that one unrecorded iteration of the step's loop should take, from what was recorded."""
        tape = self.recorder.tape
        begun = [e.position for e in tape.events if isinstance(e, Mark) and e.loop == self.step_site]
        recorded = range(begun[0] if begun else 0, len(tape))
        work = sum(seconds_of(tape, n) for n in recorded)
        return max(work / max(sum(p < len(tape) for p in begun), 1), NUMBER)

    # ---- after the step is known

    def follow(self, loop: Loop) -> bool:
        """Record an iteration now and then, and the last one where the loop's length tells which it is."""
        if self.window is not None and self.cut is None:
            self.close_window()
        self.step_count += 1
        if self.cut is not None:
            return False
        last = all(each.length is not None and each.iteration == each.length - 1 for each in self.stack)
        spent = time.process_time() - (self.followed_from or 0.0)
        if self.step_count > self.allowed or spent > self.limits.patience:
            # Followed long enough: this step is made, on the record, and the loop is left after it.
            self.cut = (loop.site, loop.iteration + 1, loop.length)
            last = True
        self.full = sampled(self.step_count) or last
        self.measured = self.full or (self.light and between(self.step_count))
        self.close -= 1
        # The recorder is on where the loop is entered again, in the next epoch.
        self.recorder.on = self.measured or self.close >= 0
        if self.recorder.on:
            self.recorder.restart()
            self.window = loop.iteration
            self.mark(loop, loop.iteration)
        elif self.close < 0:
            self.quiet = self.until_asked(loop)
        return True

    def until_asked(self, loop: Loop) -> int:
        """How many steps from here on are neither recorded nor the last one."""
        left = min(following(self.step_count) - 1, int(self.allowed)) - self.step_count
        return min(left, self.unasked, self.unasked if loop.length is None else loop.length - 2 - loop.iteration)

    def close_window(self) -> None:
        iteration, self.window = self.window or 0, None
        self.on_window(iteration)
        self.recorder.on = False


def _length(source: Iterable[Any] | None) -> int | None:
    """How many iterations there will be, where that is known."""
    try:
        return len(source)  # type: ignore[arg-type]
    except TypeError:  # a progress bar round a generator has a length only in name
        return None
