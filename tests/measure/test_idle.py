"""A step at which no error flows: weights that decay move all the same, and tell nothing about the gradient."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bpdoctor.measure.assess import _outcome
from bpdoctor.measure.fit import fit


def trial(reference: Any, change: Any, beside: Any = None) -> Any:
    """One step with one family, whose update has something beside the gradient where `beside` is given."""
    claim = SimpleNamespace(plain=beside is None, factor=1.0, stated=())
    own, other = (SimpleNamespace(claims=[claim], shape=(3,), change=c) for c in (change, beside))
    taken = own if beside is None else other
    top = float(np.abs(reference).max())
    return SimpleNamespace(
        view=SimpleNamespace(
            families=[own], changes=[change], single=False, starts=[0], tape=SimpleNamespace(values={0: reference})
        ),
        families=[taken], references=[reference], fits=[fit(taken.change, reference, 1e-9)],
        rate={True: 1.0, False: 1.0}, adjoints=SimpleNamespace(values={}), top=top,
    )  # fmt: skip


GRADIENT, DECAY = np.array([1.0, -2.0, 0.5]), np.array([0.3, 0.1, -0.2])


@pytest.mark.parametrize(("idle", "status"), [(GRADIENT * 0, "ok"), (GRADIENT * 2, "wrong")])
def test_decay_alone_is_no_wrong_gradient(idle: Any, status: str) -> None:
    seen = trial(GRADIENT, GRADIENT + DECAY, beside=GRADIENT)
    assert _outcome([trial(idle, DECAY), seen], 0).status == status


def test_what_moves_without_error_and_without_decay_is_wrong() -> None:
    assert _outcome([trial(GRADIENT * 0, DECAY), trial(GRADIENT, GRADIENT)], 0).status == "wrong"
