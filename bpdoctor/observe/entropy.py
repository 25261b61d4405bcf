"""Randomness that a program asks the system for comes from the check's seed: two runs are one."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import numpy as np


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the global generators, and every one that is made without a seed of its own.

    Notes
    -----
    NumPy's generators take their entropy from one function, Python's from the system's; both are
    answered from one stream, in the order in which the program asks.
    """
    stream = random.Random(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)
    bits = cast(Any, np.random.bit_generator)
    places: list[tuple[Any, str, Any]] = [
        (bits, "randbits", stream.getrandbits),
        (os, "urandom", stream.randbytes),
        (random, "_urandom", stream.randbytes),
        (random.Random, "seed", _seeding(stream)),
    ]
    saved = [(owner, name, getattr(owner, name)) for owner, name, _ in places]
    for owner, name, own in places:
        setattr(owner, name, own)
    saved.append((random, "seed", random.seed))
    random.seed = random._inst.seed
    try:
        yield
    finally:
        for owner, name, own in saved:
            setattr(owner, name, own)


def fork() -> int:
    """A copy of this process that draws what the original would; Python seeds its own generator anew in every copy."""
    state = random.getstate()
    child = os.fork()
    if child == 0:
        random.setstate(state)
    return child


def _seeding(stream: random.Random) -> Any:
    original = random.Random.seed

    def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
        original(self, stream.getrandbits(64) if a is None else a, version)

    return seed
