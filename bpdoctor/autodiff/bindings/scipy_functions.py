"""SciPy's functions, looked up only in the parts of SciPy that the user's program has imported."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ..calls import Binder, Call, Signature

Args = tuple[Any, ...]
Kwargs = dict[str, Any]

UFUNC = "out> where! dtype~ casting- order- subok- signature-"
SPECIAL = "expit log_expit logit erf erfc ndtr gammaln gamma digamma psi=digamma entr exp2 expm1 log1p cbrt"
SPECIAL_PAIRS = "xlogy xlog1py rel_entr"


def _convolution(name: str, parameters: str, centre: str = "") -> Binder:
    signature = Signature(name, parameters)

    def bind(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
        call = signature(func, args, kwargs)
        if call is None:
            return None
        options = call.static
        if options.pop("fillvalue", 0) != 0 or options.pop("boundary", "fill") != "fill":
            return None
        x, y = (np.shape(a) for a in call.operands)
        mode = options.get("mode", "full")
        if mode == "valid" and any(b > a for a, b in zip(x, y, strict=True)):
            return None  # SciPy swaps the operands: rare, and not the same function
        return Call(name, call.operands, {"mode": mode, "centre": centre})

    return bind


def _logsumexp(func: Any, args: Args, kwargs: Kwargs) -> Call | None:
    call = LOGSUMEXP(func, args, kwargs)
    return None if call is None or call.static.pop("return_sign", False) else call


LOGSUMEXP = Signature("logsumexp", "*a axis b! keepdims return_sign")
PLANE = "*in1 *in2 mode boundary fillvalue"


def _ufuncs(words: str, operands: str) -> dict[str, Binder]:
    table: dict[str, Binder] = {}
    for word in words.split():
        spelled, _, name = word.partition("=")
        table[spelled] = Signature(name or spelled, f"{operands} {UFUNC}")
    return table


MODULES: dict[str, dict[str, Binder]] = {
    "scipy.special": {
        **_ufuncs(SPECIAL, "*x"),
        **_ufuncs(SPECIAL_PAIRS, "*x *y"),
        "softmax": Signature("softmax", "*x axis"),
        "log_softmax": Signature("log_softmax", "*x axis"),
        "logsumexp": _logsumexp,
    },
    "scipy.signal": {
        "convolve": _convolution("convolve", "*in1 *in2 mode method-"),
        "convolve2d": _convolution("convolve", PLANE),
        "fftconvolve": _convolution("convolve", "*in1 *in2 mode axes!"),
        "oaconvolve": _convolution("convolve", "*in1 *in2 mode axes!"),
        "correlate": _convolution("correlate", "*in1 *in2 mode method-"),
        "correlate2d": _convolution("correlate", PLANE, "up"),
    },
    "scipy.linalg": {
        "inv": Signature("linalg.inv", "*a overwrite_a! check_finite- assume_a-"),
        "pinv": Signature("linalg.pinv", "*a atol- rtol- return_rank! check_finite-"),
        "det": Signature("linalg.det", "*a overwrite_a! check_finite-"),
        "norm": Signature("linalg.norm", "*a ord axis keepdims check_finite-"),
    },
}


def scipy_binders(registered: set[str]) -> dict[Any, Binder]:
    """Return the binders of modules imported since, and remember them in `registered`."""
    table: dict[Any, Binder] = {}
    for module, rows in MODULES.items():
        if module in registered:
            continue
        loaded = sys.modules.get(module)
        if loaded is None or getattr(loaded.__spec__, "_initializing", False):
            continue
        registered.add(module)
        for spelled, binder in rows.items():
            found = getattr(loaded, spelled, None)
            if found is not None:
                table[found] = binder
    return table
