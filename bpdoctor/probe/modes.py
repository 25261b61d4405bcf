"""Arguments that say what a definition is to do: it is examined under each value that its text knows."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from bpdoctor.model.record import record
from bpdoctor.probe.body import Body
from bpdoctor.probe.examined import Examined

_TRAINING = re.compile(r"train\w*|fit|learn\w*", re.IGNORECASE)
_EVALUATION = re.compile(r"test\w*|eval\w*|val|validation|infer\w*|predict\w*", re.IGNORECASE)
_OTHERWISE = "otherwise"
_MOST = 8
_SECONDS = 6.0


@record
class Mode:
    """An argument, or an entry of one, with the string that it is given; `making` where a constructor takes it."""

    argument: str = ""
    value: str = ""
    making: bool = False

    def of(self, body: Body, *, making: bool = False) -> Body:
        """The facts about a function whose argument this is, with the value settled."""
        if not self.argument or making is not self.making:
            return body
        owner, _, rest = self.argument.partition("[")
        keys = body.keys
        if rest:
            key = ast.literal_eval(rest.rstrip("]"))
            keys = {**keys, owner: list(dict.fromkeys([*keys.get(owner, ()), key]))}
        return replace(body, keys=keys, settled={**body.settled, self.argument: self.value})


def modes_of(body: Body, back: ast.AST | None, *, making: bool = False) -> list[Mode]:
    """Every value of every argument that is compared with strings.

    Notes
    -----
    Where there is one string only, anything else is the other value. Going back is for training: what a definition
    does in evaluation counts only where the way back asks for it too.
    """
    told = {n.value for n in ast.walk(back) if isinstance(n, ast.Constant)} if back is not None else set()
    return [
        Mode(name, value, making) for name, words in body.words.items() for value in _values(words, told)
    ]  # fmt: skip


def _values(words: Sequence[str], told: Collection[object]) -> Iterator[str]:
    training = [w for w in words if _TRAINING.fullmatch(w)]
    if not training and not all(_EVALUATION.fullmatch(w) for w in words):
        yield from words
        yield from () if len(words) > 1 else (_OTHERWISE,)
        return
    yield from training or ["train"]
    others = [w for w in words if w not in training]
    asked = [w for w in others if w in told]
    if not others and any(w in told for w in training):
        asked = ["test"]
    yield from asked


def in_every_mode(modes: Sequence[Mode], examine: Callable[[Mode], Examined]) -> list[Examined]:
    """What is wrong under some of the values is wrong; what is wrong under all of them is said once."""
    if not modes:
        return [examine(Mode())]
    found: list[tuple[Mode, Examined]] = []
    end = time.process_time() + _SECONDS
    for mode in modes[:_MOST]:
        if found and time.process_time() > end:
            break
        found.append((mode, examine(mode)))
    wrong = [(m, e) for m, e in found if e.outcome == "wrong"]
    if wrong:
        kept = wrong if len(wrong) < len(found) else wrong[:1]
        return [replace(e, facts=(*e.facts, f"`{e.name}` is wrong with {_said(m)}")) for m, e in kept]
    right = [(m, e) for m, e in found if e.outcome == "right"]
    if not right:
        return [found[0][1]]
    names = ", ".join(_said(m) for m, _ in right)
    return [replace(right[0][1], facts=(*right[0][1].facts, f"`{right[0][1].name}` was called with {names}"))]


def _said(mode: Mode) -> str:
    value = "another value" if mode.value == _OTHERWISE else repr(mode.value)
    return f"{value} for `{mode.argument}`"
