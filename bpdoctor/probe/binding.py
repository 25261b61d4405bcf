"""Arguments of a backward call: cotangents, caches, what the forward call took and gave."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence

from bpdoctor.model.record import record
from bpdoctor.probe.roles import differentiated, is_cache, is_cotangent, is_setting, role_of, squeezed


@record
class Result:
    """One element of what the forward call returned."""

    text: str
    name: str
    array: bool


@record
class Bound:
    """An argument list for the backward call, and the outputs that its cotangents belong to."""

    call: str
    outputs: Mapping[str, str]
    rated: bool = False


def bindings(signature: inspect.Signature, taken: Mapping[str, str], results: Sequence[Result]) -> Iterator[Bound]:
    """Likely argument lists, the likeliest first.

    Names decide where they can; an argument whose name says nothing is tried as a cotangent, a cache,
    an input and an output in turn.
    """
    known = {squeezed(k): v for k, v in taken.items()}
    known.update({squeezed(r.name): r.text for r in results if r.name})
    parameters = [
        p
        for p in signature.parameters.values()
        if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
        and (p.default is p.empty or is_cotangent(p.name) or role_of(p.name) == "rate" or is_cache(p.name))
    ]
    if any(role_of(p.name) == "labels" and squeezed(p.name) not in known for p in parameters):
        return  # what compares with labels by itself is a network, not a layer
    caches = [r.text for r in results if not r.array] or [r.text for r in results[1:]]
    for kinds in _readings({p.name: _kind(p.name, known) for p in parameters}):
        open_ = [name for name, kind in kinds.items() if kind == "open"]
        for first in (*_beside(open_, kinds, taken, results), *_openings(open_, taken, results, caches)):
            bound = _bound(parameters, kinds, known, first, caches, results)
            if bound is not None:
                yield bound


def _readings(kinds: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """What the names say; an eta beside no error is the error, or the rate after all."""
    if not {"cotangent", "open"} & set(kinds.values()):
        read = {n: "cotangent" if kind == "rate" and is_cotangent(n) else kind for n, kind in kinds.items()}
        if read != kinds:
            yield read
    yield kinds


def _kind(name: str, known: Mapping[str, str]) -> str:
    if squeezed(name) in known:
        return "known"
    if is_cache(name):
        return "cache"
    if role_of(name) == "rate":
        return "rate"
    return "cotangent" if is_cotangent(name) else "setting" if is_setting(role_of(name)) else "open"


def _beside(
    names: Sequence[str], kinds: Mapping[str, str], taken: Mapping[str, str], results: Sequence[Result]
) -> Iterator[Mapping[str, str]]:
    """What nameless arguments may be beside an error with a name: outputs by their order, or else inputs."""
    arrays = [r.text for r in results if r.array]
    if not names or "cotangent" not in kinds.values():
        return
    if len(names) <= len(arrays):
        yield dict(zip(names, arrays, strict=False))
    if len(names) <= len(taken):
        yield dict(zip(names, taken.values(), strict=False))


def _openings(
    names: Sequence[str], taken: Mapping[str, str], results: Sequence[Result], caches: Sequence[str]
) -> Iterator[Mapping[str, str]]:
    """What the nameless arguments may be: one of them the cotangent, the others inputs, outputs or caches."""
    if not names:
        yield {}
        return
    others = [*caches, *(r.text for r in results if r.array), *taken.values()]
    for at in range(len(names)):
        rest = [n for i, n in enumerate(names) if i != at]
        if not rest:
            yield {names[at]: ""}
        for other in others if rest else ():
            yield {names[at]: "", **dict.fromkeys(rest, other)}
    if len(names) == 1:
        for other in others:
            yield {names[0]: other}


def _bound(
    parameters: Sequence[inspect.Parameter],
    kinds: Mapping[str, str],
    known: Mapping[str, str],
    opened: Mapping[str, str],
    caches: Sequence[str],
    results: Sequence[Result],
) -> Bound | None:
    arrays = [r for r in results if r.array]
    outputs: dict[str, str] = {}
    texts: list[str] = []
    rated = False
    left = list(caches)
    for p in parameters:
        kind = kinds[p.name]
        if kind == "known":
            text = known[squeezed(p.name)]
        elif kind == "cache":
            if not left:
                return None
            text = left.pop(0) if len(left) > 1 else left[0]
        elif kind == "rate":
            text, rated = "_rate", True
        elif kind == "cotangent" or opened.get(p.name) == "":
            text = f"_g_{p.name}"
            at = _output(p.name, arrays, outputs)
            if at is None:
                return None
            outputs[text] = at
        elif kind == "setting":
            if p.default is p.empty:
                return None
            continue
        else:
            text = opened[p.name]
        texts.append(f"{p.name}={text}" if p.kind is p.KEYWORD_ONLY or p.default is not p.empty else text)
    return Bound(", ".join(texts), outputs, rated)


def _output(name: str, arrays: Sequence[Result], taken: Mapping[str, str]) -> str | None:
    """The output that a cotangent belongs to, by name or else the next one."""
    of = differentiated(name)
    for r in arrays:
        if of and squeezed(r.name) == of:
            return r.text
    free = [r.text for r in arrays if r.text not in taken.values()]
    return free[0] if free else None
