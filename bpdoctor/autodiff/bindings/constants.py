"""Functions whose result depends on the value of no operand: makers of zeros, ranges, random numbers."""

from __future__ import annotations

import builtins
import random
import time
from typing import Any

import numpy as np

NUMPY = (
    "zeros ones empty arange linspace logspace geomspace eye identity tri zeros_like ones_like empty_like "
    "indices shape ndim size ix_ triu_indices tril_indices diag_indices unravel_index ravel_multi_index "
    "result_type dtype finfo iinfo may_share_memory shares_memory can_cast isscalar iscomplexobj isrealobj "
    "hanning hamming blackman bartlett triu_indices_from tril_indices_from diag_indices_from"
)
BUILTINS = "len range enumerate zip isinstance type id hash repr str print list tuple dict set callable"
# methods of generators that rearrange or pick values of an operand
DEPENDENT = frozenset({"shuffle", "permutation", "permuted", "sample", "choice", "choices"})


def constant_makers() -> set[Any]:
    """Return the functions, as objects."""
    found = {getattr(np, name) for name in NUMPY.split() if hasattr(np, name)}
    found |= {getattr(builtins, name) for name in BUILTINS.split()}
    found |= {time.time, time.perf_counter, time.process_time, time.monotonic}
    return found


def is_random(func: Any) -> bool:
    """Tell whether a bound method draws from a random generator without reading an array's values."""
    owner = getattr(func, "__self__", None)
    if not isinstance(owner, (np.random.Generator, np.random.RandomState, random.Random)):
        return False
    return getattr(func, "__name__", "") not in DEPENDENT
