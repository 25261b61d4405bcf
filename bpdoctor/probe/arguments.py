"""Alternatives for the arguments of a call, as texts: arrays of consistent shapes, labels, settings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence

from bpdoctor.model.record import record
from bpdoctor.probe.body import Body
from bpdoctor.probe.roles import is_setting, role_of, size_role
from bpdoctor.probe.shapes import Shape, resolved
from bpdoctor.probe.sizes import sizes_to_try

_MAPPING = re.compile(r"\w*_(params?|config|conf|options|settings)|config|options|settings|hparameters")
_PAIRED = re.compile(
    r"(train(ing)?|test|data)?_?(data|set|dataset|batch|samples|pairs|examples|patterns)|mini_batch|padroes"
)
_MOST_INNER = 4
# Queries, keys and values.
_ATTENDING = re.compile(r"(q|k|v)(uery|ueries|eys?|alues?)?")
# The weights that make them, and those behind.
_PROJECTING = re.compile(r"w_?(q|k|v|o)")
_CHAIN = ("D", "M", "K", "F", "C", "T")
_TEXT_CHOICES = ("sigmoid", "tanh", "relu", "softmax", "mse", "cross_entropy")


@record
class Argument:
    """One argument, or one entry of a dictionary argument. Members of a group take the same alternative."""

    name: str
    key: str
    role: str
    group: str
    alternatives: tuple[str, ...]

    @property
    def differentiable(self) -> bool:
        """Whether it is an array that a gradient may be wanted for."""
        return not is_setting(self.role) and self.role not in ("labels", "mask", "activation", "loss", "optimizer")


@record
class Frame:
    """What the alternatives of one call have in common."""

    layout: Mapping[str, tuple[Shape, ...]]
    sizes: Mapping[str, int]
    stated: Mapping[str, Shape]
    stated_sizes: Mapping[str, int]
    training: bool = False
    pooling: bool = False
    chain: bool = False
    building: bool = False


def arguments_of(signature: inspect.Signature, body: Body, frame: Frame) -> list[Argument] | None:
    """Every argument that must be given; None when one has no alternative."""
    out: list[Argument] = []
    parameters = [p for p in signature.parameters.values() if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    names = [p.name for p in parameters] + [k for keys in body.keys.values() for k in keys]
    sizes = sizes_to_try(body.sizes, frame.sizes, lambda role: setting(role, frame, names))
    for p in parameters:
        given = None if p.default is inspect.Parameter.empty else p.default
        if p.default is not inspect.Parameter.empty and not _needed(p.name, given) and not _settled(p.name, body):
            continue
        keys = body.keys.get(p.name)
        if p.name in sizes:
            out.append(Argument(p.name, "", "n_in", "" if body.sizes[p.name] else "sizes", sizes[p.name]))
        elif keys:
            out.extend(_argument(f"{p.name}[{k!r}]", p.name, k, frame, body, names) for k in keys)
        elif keys is not None or _MAPPING.fullmatch(p.name):
            out.append(Argument(p.name, "", "name", p.name, ("{'mode': 'train'}", "{}")))
        else:
            out.append(_argument(p.name, p.name, "", frame, body, names))
    return out if all(a.alternatives for a in out) else None


def _settled(name: str, body: Body) -> bool:
    return any(full.partition("[")[0] == name for full in body.settled)


def _needed(name: str, default: object) -> bool:
    """A default of None for data or labels stands for what the caller gives; long training is cut short."""
    if role_of(name) in ("epochs", "batch") and isinstance(default, int) and not isinstance(default, bool):
        return True
    if default is False and role_of(name) in ("training", "kept"):
        return True  # without it the forward pass keeps nothing that it could go back with
    return default is None and role_of(name) in ("labels", "data", "weight", "bias", "generator", "n_in")


def _argument(full: str, name: str, key: str, frame: Frame, body: Body, names: Sequence[str]) -> Argument:
    role = _role(name, key, full, frame, body, names)
    if full in body.settled:
        return Argument(name, key, "name", full, (repr(body.settled[full]),))
    if _PAIRED.fullmatch(name) and not any(role_of(n) == "labels" for n in names):
        return Argument(name, key, "labels", full, paired(frame))
    if role == "state" and not any(role_of(n) == "data" for n in names):
        role = "data"
    if frame.training and role == "data" and (key or name) in body.counts:
        return Argument(name, key, "batch", full, (str(frame.sizes["N"] if "N" in frame.layout["data"][0] else 1),))
    if role == "probability" and name == "p" and any(role_of(n) == "labels" for n in names):
        role = "prediction"
    if frame.training and role == "prediction" and not any(role_of(n) == "labels" for n in names):
        role = "labels"  # what trains takes the outputs that are wanted
    if full in frame.stated and role != "labels":
        shape = resolved(frame.stated[full], frame.stated_sizes)
        if (key or name) in body.indices:
            return Argument(name, key, "labels", full, (f"_rng.integers(0, 2, size={shape})",))
        return Argument(name, key, "data" if is_setting(role) else role, full, (array(role, shape),))
    if (key or name) in body.indices and role == "data":
        texts = [f"_rng.integers(0, 2, size={resolved(s, frame.sizes)})" for s in (("N", "T"), ("N",), ("T",))]
        return Argument(name, key, "labels", full, tuple(texts))
    if full in body.listed:
        return Argument(name, key, "labels", "listed", (f"_rng.integers(0, 2, size={frame.sizes['T']})",))
    if body.words.get(full) and role not in ("labels",):
        return Argument(name, key, "name", full, tuple(repr(w) for w in body.words[full]))
    if is_setting(role):
        # Around what is wanted may be a layer, not its size.
        inner = body.objects[:_MOST_INNER] if role == "layers" and frame.building else ()
        return Argument(name, key, role, full, (*setting(role, frame, names), *inner))
    if role == "labels":
        return Argument(name, key, role, "labels", labels(frame))
    if role in ("activation", "loss", "optimizer"):
        return Argument(name, key, role, full, (*body.objects[:8], *(repr(w) for w in _TEXT_CHOICES)))
    made = _arrays(role, _shapes(role, key or name, frame), body.ranks.get(full), frame.sizes)
    return Argument(name, key, role, _group(role, key or name, frame), made)


def _arrays(role: str, shapes: Sequence[Shape], rank: int | None, sizes: Mapping[str, int]) -> tuple[str, ...]:
    """Texts of random arrays in these shapes, of the rank that is known."""
    shapes = tuple(s for s in shapes if len(s) == rank) or shapes
    if role == "prediction":
        return tuple(dict.fromkeys(t for s in shapes for t in predictions(resolved(s, sizes))))
    return tuple(dict.fromkeys(array(role, resolved(s, sizes)) for s in shapes))


def _role(name: str, key: str, full: str, frame: Frame, body: Body, names: Sequence[str]) -> str:
    """What an argument is taken for, the others and what is done with it considered."""
    role = size_role(name) if frame.building else role_of(key or name)
    attending = {m[1] for n in names if (m := _ATTENDING.fullmatch(n.lower()))}
    if len(attending) == 3 and _ATTENDING.fullmatch(name.lower()):
        return "data"
    if len({m[1] for n in names if (m := _PROJECTING.fullmatch(n.lower()))}) == 4 and name.lower().endswith("o"):
        return "out_weight"
    if frame.building and frame.pooling and role == "data":
        return "kernel"
    if body.ranks.get(full, 0) > 1 and is_setting(role):
        return "filter" if role in ("filters", "kernel") else "data"
    return role


def _group(role: str, name: str, frame: Frame) -> str:
    number = re.search(r"\d+", name)
    return f"{role}{number.group() if number and frame.chain else ''}"


def _shapes(role: str, name: str, frame: Frame) -> tuple[Shape, ...]:
    found = frame.layout.get(role) or frame.layout["data"]
    number = re.search(r"\d+", name)
    if not frame.chain or number is None or role not in ("weight", "bias"):
        return found
    at = int(number.group())
    if not 1 <= at < len(_CHAIN):
        return found
    below, above = _CHAIN[at - 1], _CHAIN[at]
    return tuple(tuple(_swap(s, below, above) for s in shape) for shape in found)


def _swap(symbol: str, below: str, above: str) -> str:
    return re.sub(r"[DM]", lambda m: below if m.group() == "D" else above, symbol)


def array(role: str, shape: tuple[int, ...]) -> str:
    """Text of a random array (or float) of this shape."""
    if role == "gain":
        return f"_rng.uniform(0.5, 1.5, size={shape})" if shape else "float(_rng.uniform(0.5, 1.5))"
    spread = 0.5 if role in ("weight", "rec", "out_weight", "filter") else 1.0
    return f"_rng.normal(0, {spread}, size={shape})" if shape else f"float(_rng.normal(0, {spread}))"


def predictions(shape: tuple[int, ...]) -> list[str]:
    """Probabilities, numbers between 0 and 1, any numbers."""
    if not shape:
        return ["float(_rng.uniform(0.1, 0.9))", "float(_rng.normal())"]
    out = [f"_rng.uniform(0.1, 0.9, size={shape})", f"_rng.normal(size={shape})"]
    if len(shape) == 2 and shape[1] > 1:
        out.insert(0, f"_rng.dirichlet(_np.ones({shape[1]}), size={shape[0]})")
    return out


def labels(frame: Frame) -> tuple[str, ...]:
    """Class numbers, one-hot rows and columns, numbers, for every size that an output may have."""
    size = frame.sizes
    n, outs = size["N"], [size["M"], size["D"], size["K"]]
    rank = len(frame.layout["data"][0])
    if rank == 0:
        return ("float(_rng.integers(0, 2))",)
    if rank == 1:
        return (
            *(f"_np.eye({k})[int(_rng.integers(0, {k}))]" for k in outs),
            "int(_rng.integers(0, 2))",
        )
    numbers = f"_rng.integers(0, 2, size={n})"
    hot = [f"_np.eye({k})[_rng.integers(0, {k}, size={n})]" for k in outs]
    # The last class is among them: people count classes by the largest label.
    spread = [f"({k} - 1 - _np.arange({n})) % {k}" for k in dict.fromkeys(outs)]
    shape = frame.layout["data"][0]
    if rank == 2 and "N" not in shape:
        # One sample: what is made for several would broadcast against its output.
        single = [f"_np.eye({k})[:, [1]]" if shape[1] == "1" else f"_np.eye({k})[[1]]" for k in dict.fromkeys(outs)]
        return (*single, "_np.array([[1.0]])", "int(_rng.integers(0, 2))")
    # A column of class numbers is no less usual than a row; where it is meant, a row would be broadcast against it.
    out = [numbers, f"_rng.integers(0, 2, size=({n}, 1))", *hot, *spread, *(f"{h}.T" for h in hot)]
    out += [f"_rng.integers(0, 2, size=({n}, 1)) * 1.0", f"_rng.integers(0, 2, size=(1, {n})) * 1.0"]
    if rank == 3:
        out.insert(0, f"_rng.integers(0, 2, size=({n}, {size['T']}))")
    return tuple(out)


def paired(frame: Frame) -> tuple[str, ...]:
    """Samples with their targets, as one list of pairs."""
    size = frame.sizes
    n, d = size["N"] * 2, size["D"]
    out = []
    for k in (size["K"], size["M"]):
        out.append(f"[(_rng.normal(size=({d}, 1)), _np.eye({k})[:, [i % {k}]]) for i in range({n})]")
        out.append(f"[(_rng.normal(size={d}), _np.eye({k})[i % {k}]) for i in range({n})]")
        out.append(f"[[list(_rng.normal(size={d})), [float(i % 2 == j) for j in range({k})]] for i in range({n})]")
    return tuple(out)


def images(size: Mapping[str, int]) -> tuple[str, ...]:
    """Sizes of what convolutions and recurrent layers take: channels, and shapes of images and sequences."""
    c, h, w = size["C"], size["H"], size["W"]
    return str(c), f"({c}, {h}, {w})", f"({h}, {w}, {c})", f"({h}, {w})", f"({size['T']}, {size['D']})"


def setting(role: str, frame: Frame, names: Sequence[str]) -> tuple[str, ...]:
    """Plain values for sizes, switches and names."""
    size = frame.sizes
    roles = {size_role(n) for n in names}
    hidden = "n_hidden" in roles
    kernel, stride, pad = ("2", "2", "0") if frame.pooling else (str(size["k"]), "1", "1")
    table: dict[str, tuple[str, ...]] = {
        "rate": ("_rate",), "epochs": ("12",), "batch": ("2",),
        "n_in": (str(size["D"]), f"({size['D']},)", *images(size)),
        "n_hidden": (str(size["M"]), f"[{size['M']}]"), "n_out": (str(size["K"] if hidden else size["M"]),),
        "n_time": (str(size["T"]),), "vocab": (str(size["V"]),), "channels": (str(size["C"]),),
        "layers": (f"[{size['D']}, {size['M']}, {size['K']}]", f"[{size['M']}, {size['K']}]", "2"),
        "filters": (str(size["F"]),), "kernel": (kernel, f"({kernel}, {kernel})"),
        "stride": (stride, f"({stride}, {stride})"),
        "pad": (pad, "0", "'same'", "'valid'", "'SAME'", "'VALID'"), "groups": (str(size["G"]), "1"),
        "heads": (str(size["G"]),),
        "probability": ("0.6",),
        "regularisation": ("0.1",), "small": ("1e-5",), "slope": ("0.1",), "momentum": ("0.9",), "deviation": ("0.5",),
        "temperature": ("1.0",), "training": ("True", "'train'"), "quiet": ("False",), "kept": ("True",),
        "axis": ("-1", "1", "0"),
        "seed": ("3",), "generator": ("_np.random.default_rng(3)", "_np.random.RandomState(3)"), "name": ("'probe'",),
        "mask": (f"_np.ones(({size['N']}, {size['T']}))", f"_np.ones(({size['N']}, {size['D']}))"),
    }  # fmt: skip
    return table.get(role, ("1",))
