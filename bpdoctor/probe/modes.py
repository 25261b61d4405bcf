"""Arguments that say what a definition is to do: it is examined under each value that its text knows.

A convolution is examined with steps of two as well: with steps of one most slips in its indices do not show.
"""

from __future__ import annotations

import ast
import inspect
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import field, replace

from bpdoctor.model.record import record
from bpdoctor.probe.body import Body
from bpdoctor.probe.examined import Examined
from bpdoctor.probe.roles import role_of

_TRAINING = re.compile(r"train\w*|fit|learn\w*", re.IGNORECASE)
_EVALUATION = re.compile(r"test\w*|eval\w*|val|validation|infer\w*|predict\w*", re.IGNORECASE)
_OTHERWISE = "otherwise"
# Of lengths 4, 6 and 8 in windows of 4 with steps of 2 nothing is left over: (4 + 2 - 4) / 2 is a whole number.
_STRIDED, _WINDOWS = {"stride": 2, "pad": 1}, {"k": 4, "D": 8}
_MOST = 8
_SECONDS = 6.0


@record
class Mode:
    """Arguments, or entries of one, with what they are given; `making` where a constructor takes them.

    `sizes` are those of the arrays that go with it and are not the usual ones.
    """

    given: tuple[tuple[str, object], ...] = ()
    making: bool = False
    sizes: Mapping[str, int] = field(default_factory=dict)

    def of(self, body: Body, *, making: bool = False) -> Body:
        """The facts about a function whose arguments these are, with the values settled."""
        if not self.given or making is not self.making:
            return body
        keys = body.keys
        for argument, _ in self.given:
            owner, _, rest = argument.partition("[")
            if rest:
                key = ast.literal_eval(rest.rstrip("]"))
                keys = {**keys, owner: list(dict.fromkeys([*keys.get(owner, ()), key]))}
        return replace(body, keys=keys, settled={**body.settled, **dict(self.given)})


def modes_of(body: Body, back: ast.AST | None, *, making: bool = False) -> list[Mode]:
    """Every value of every argument that is compared with strings.

    Notes
    -----
    Where there is one string only, anything else is the other value. Going back is for training: what a definition
    does in evaluation counts only where the way back asks for it too.
    """
    told = {n.value for n in ast.walk(back) if isinstance(n, ast.Constant)} if back is not None else set()
    return [
        Mode(((name, value),), making) for name, words in body.words.items() for value in _values(words, told)
    ]  # fmt: skip


def strides_of(body: Body, signature: inspect.Signature | None, name: str, *, making: bool = False) -> list[Mode]:
    """A convolution as usual, then with steps of two, of windows that overlap and fit exactly.

    Pooling is left out: many take windows beside each other for granted, whatever they are given.
    """
    entries = [(f"{owner}[{key!r}]", key) for owner, keys in body.keys.items() for key in keys]
    plain = [] if signature is None else [(n, n) for n in signature.parameters]
    roles = {role_of(bare): full for full, bare in reversed((*plain, *entries))}
    windows = any(rank > 2 for rank in body.ranks.values()) or "kernel" in roles
    if "stride" not in roles or not windows or "pool" in name.lower():
        return []  # of windows whose size is fixed nobody knows that they fit
    given = tuple((roles[role], value) for role, value in _STRIDED.items() if role in roles)
    return [Mode(), Mode(given, making, _WINDOWS)]


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
    # With other sizes it is judged only where it could be with the usual ones.
    unclear = any(not m.given and e.outcome == "unclear" for m, e in found)
    wrong = [(m, e) for m, e in found if e.outcome == "wrong" and not (m.sizes and unclear)]
    if wrong:
        kept = wrong if len(wrong) < len(found) else wrong[:1]
        return [replace(e, facts=(*e.facts, f"`{e.name}` is wrong with {_said(m)}")) for m, e in kept]
    right = [(m, e) for m, e in found if e.outcome == "right"]
    if not right:
        return [found[0][1]]
    names = ", ".join(_said(m) for m, _ in right)
    return [replace(right[0][1], facts=(*right[0][1].facts, f"`{right[0][1].name}` was called with {names}"))]


def _said(mode: Mode) -> str:
    said = ((name, "another value" if value == _OTHERWISE else repr(value)) for name, value in mode.given)
    return " and ".join(f"{value} for `{name}`" for name, value in said) or "the usual settings"
