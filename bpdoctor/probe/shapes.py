"""Consistent sizes and layouts: which shapes the arguments of one call may have together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

Shape = tuple[str, ...]
_WIDEST, _MOST_CLASSES = 4096, 20

# All different, so that a transpose or a wrong axis shows; spatial sizes are even and large enough for windows.
SIZES: Mapping[str, int] = {
    "N": 4, "D": 5, "M": 3, "K": 2, "T": 6, "C": 2, "F": 3, "H": 4, "W": 6, "k": 3, "V": 9, "G": 2,
}  # fmt: skip
SQUARE: Mapping[str, int] = {**SIZES, "N": 4, "D": 4, "M": 4, "K": 4, "T": 4, "H": 4, "W": 4}
# Layouts of one sample, on which a sum over samples and a mean are the same.
SINGLE = frozenset({"column", "row", "vector", "numbers"})
LOGIC: Mapping[str, int] = {**SIZES, "D": 2, "M": 1, "K": 1}
# What is split into heads or groups of more than one.
_SPLIT = {"heads": {"D": 8}, "groups": {"C": 8}}
_SPARE = (5, 3, 4, 7, 2, 9, 10, 11)
_BATCH = re.compile(r"n|m|b|bs|batch(_size)?|n_?samples|num_(examples|samples|train)|examples")
_SPATIAL = re.compile(r"n?_?[hw](_?(prev|in|out|new))?|height|width|rows|cols|in_[hw]|[hw]_in")
_KERNEL = re.compile(r"f|k|kh|kw|hh|ww|fh|fw|f_[hw]|kernel_?\w*|filter_?(size|height|width)?|k_[hw]")
_TIME = re.compile(r"t|t_?x|seq_?len\w*|time\w*|steps")

# Weights from state to state: of one unit, of four gates or of three beside each other, or below each other.
_BESIDE, _BELOW = (("M", "M"), ("M", "4*M"), ("M", "3*M")), (("M", "M"), ("4*M", "M"))
# A layout names the alternatives of every role.
LAYOUTS: Mapping[str, Mapping[str, tuple[Shape, ...]]] = {
    "rows": {
        "data": (("N", "D"),), "state": (("N", "M"),), "prediction": (("N", "M"),), "rec": _BESIDE,
        "weight": (("D", "M"), ("M", "D"), ("D+M", "M"), ("M", "D+M"), ("D", "4*M"), ("D", "3*M")),
        "out_weight": (("M", "K"), ("K", "M")), "bias": (("M",), ("1", "M"), ("4*M",), ("3*M",), ()),
        "out_bias": (("K",), ("1", "K")), "gain": (("D",), ("1", "D")), "filter": (("D", "M"), ("M", "D")),
    },
    "columns": {
        "data": (("D", "N"),), "state": (("M", "N"),), "prediction": (("M", "N"),), "rec": _BELOW,
        "weight": (("M", "D"), ("D", "M"), ("M", "D+M"), ("M", "M+D"), ("4*M", "D")), "out_weight": (("K", "M"),),
        "bias": (("M", "1"), ("M",), ("4*M", "1")), "out_bias": (("K", "1"),), "gain": (("D", "1"),),
        "filter": (("M", "D"),),
    },
    "column": {
        "data": (("D", "1"),), "state": (("M", "1"),), "prediction": (("M", "1"),), "rec": _BELOW,
        "weight": (("M", "D"), ("M", "D+M"), ("D", "M"), ("4*M", "D")), "out_weight": (("K", "M"),),
        "bias": (("M", "1"), ("4*M", "1")), "out_bias": (("K", "1"),), "gain": (("D", "1"),), "filter": (("M", "D"),),
    },
    "row": {
        "data": (("1", "D"),), "state": (("1", "M"),), "prediction": (("1", "M"),), "rec": (("M", "M"),),
        "weight": (("D", "M"), ("M", "D"), ("D+M", "M")), "out_weight": (("M", "K"),),
        "bias": (("1", "M"), ("M",)), "out_bias": (("1", "K"),), "gain": (("1", "D"),), "filter": (("D", "M"),),
    },
    "vector": {
        "data": (("D",),), "state": (("M",),), "prediction": (("M",),), "rec": (("M", "M"),),
        "weight": (("M", "D"), ("D", "M"), ("M", "D+M"), ("D",)), "out_weight": (("K", "M"),),
        "bias": (("M",), ()), "out_bias": (("K",),), "gain": (("D",),), "filter": (("M", "D"),),
    },
    "sequence": {
        "data": (("N", "T", "D"), ("T", "N", "D"), ("D", "N", "T"), ("T", "D"), ("T", "D", "1")),
        "state": (("N", "M"), ("M", "N"), ("M",), ("M", "1")), "prediction": (("N", "T", "M"),), "rec": _BESIDE,
        "weight": (("D", "M"), ("M", "D"), ("D", "4*M"), ("M", "D+M"), ("D", "3*M")),
        "out_weight": (("M", "K"), ("K", "M")), "bias": (("M",), ("M", "1"), ("1", "M"), ("4*M",), ("3*M",)),
        "out_bias": (("K",), ("K", "1")), "gain": (("D",),), "filter": (("D", "M"),),
    },
    "sequence of columns": {
        "data": (("D", "N", "T"), ("T", "D", "N"), ("T", "D", "1")), "state": (("M", "N"), ("M", "1")),
        "prediction": (("M", "N", "T"),), "rec": (("M", "M"),), "weight": (("M", "D"), ("M", "D+M"), ("M", "M+D")),
        "out_weight": (("K", "M"),), "bias": (("M", "1"),), "out_bias": (("K", "1"),), "gain": (("D", "1"),),
        "filter": (("M", "D"),),
    },
    "images": {
        "data": (("N", "C", "H", "W"), ("N", "H", "W", "C"), ("C", "H", "W"), ("H", "W", "C"), ("N", "H", "W"),
                 ("H", "W")),
        "state": (("N", "M"),), "prediction": (("N", "M"),), "rec": (("M", "M"),),
        "weight": (("F", "C", "k", "k"), ("k", "k", "C", "F"), ("F", "k", "k", "C"), ("F", "k", "k"), ("k", "k")),
        "filter": (("F", "C", "k", "k"), ("k", "k", "C", "F"), ("F", "k", "k"), ("k", "k")),
        "out_weight": (("M", "K"),), "bias": (("F",), ("1", "1", "1", "F"), ("F", "1"), ()), "out_bias": (("K",),),
        "gain": (("C",), ("1", "C", "1", "1"), ("1", "1", "1", "C")),
    },
    "numbers": dict.fromkeys(
        ("data", "state", "prediction", "rec", "weight", "out_weight", "bias", "out_bias", "gain", "filter"), ((),)
    ),
}  # fmt: skip


def written_sizes(numbers: Iterable[int]) -> list[Mapping[str, int]]:
    """Tables of sizes for a module whose layers have these numbers of units: many inputs, few classes or one output.

    The number of classes is written more often than others: for weights, biases, and labels.
    """
    counts = Counter(n for n in numbers if 2 <= n <= _WIDEST)
    wide, narrow = sorted((n for n in counts if n > 3), reverse=True)[:3], [n for n in counts if n <= _MOST_CLASSES]
    narrow.sort(key=lambda n: (-counts[n], n))
    tables: list[Mapping[str, int]] = [
        {**SIZES, "D": d, "M": k, "K": k} for k in narrow[:2] for d in (*wide, SIZES["D"]) if d != k
    ]
    return tables + [{**SIZES, "D": d, "M": 1, "K": 1} for d in narrow[:2]]


def size_of(expression: str, sizes: Mapping[str, int]) -> int:
    """Value of a symbolic size such as ``D+M`` or ``4*M``."""
    return int(eval(expression, {"__builtins__": {}}, dict(sizes)))


def resolved(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """A symbolic shape as numbers."""
    return tuple(size_of(s, sizes) for s in shape)


def fitting(roles: Collection[str]) -> dict[str, int]:
    """The usual sizes, made such that what is split can be."""
    return dict(SIZES) | {k: v for role, own in _SPLIT.items() if role in roles for k, v in own.items()}


def stated_sizes(shapes: Mapping[str, Shape], square: bool, sizes: Mapping[str, int] = SIZES) -> dict[str, int]:
    """A number for every symbol in stated shapes, by the way symbols are used in this field."""
    out: dict[str, int] = {}
    spare = iter(_SPARE * 4)
    for shape in shapes.values():
        symbols = [s for text in shape for s in re.findall(r"[A-Za-z_]\w*", text)]
        spatial = sum(bool(_SPATIAL.fullmatch(s.lower())) for s in symbols) >= 2
        for s in symbols:
            if s not in out:
                out[s] = _conventional(s, spatial, sizes) or (4 if square else next(spare))
    return out


def _conventional(symbol: str, spatial: bool, sizes: Mapping[str, int]) -> int:
    low = symbol.lower()
    if spatial and _SPATIAL.fullmatch(low):
        return sizes["H"] if "h" in low or low.startswith("row") else sizes["W"]
    if _KERNEL.fullmatch(low) and (low not in ("f",) or symbol == "f"):
        return sizes["k"]
    if _TIME.fullmatch(low):
        return sizes["T"]
    if spatial and (low == "c" or low.startswith("n_c")):
        return sizes["F"] if low == "n_c" else sizes["C"]
    return sizes["N"] if _BATCH.fullmatch(low) else 0


def layouts(ranks: Mapping[str, int]) -> Iterator[tuple[str, Mapping[str, tuple[Shape, ...]]]]:
    """Layouts in the order in which they are tried; stated ranks of data decide first."""
    order = list(LAYOUTS)
    rank = max(ranks.values(), default=0)
    if rank >= 3:
        sequences = ["sequence", "sequence of columns"]
        order = ["images", *sequences, *order] if rank == 4 else [*sequences, "images", *order]
    for name in dict.fromkeys(order):
        yield name, LAYOUTS[name]
