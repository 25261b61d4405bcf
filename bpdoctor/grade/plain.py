"""Is a program plain? Only then what it says while it runs inside the examiner can be believed.

A whole program shares its process with what observes it. Marks for it are given by machine only where its
text has no way to reach its observer; for everything else a person has to look. So what is allowed is listed,
not what is forbidden: a few modules, the names in them that compute, and the names that the program makes itself.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
import types
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

import numpy as np

_LENGTH = 100_000
_COMPUTING = (
    "math", "cmath", "random", "time", "itertools", "collections", "bisect", "heapq", "statistics", "fractions",
    "decimal", "datetime", "numpy", "numpy.random", "numpy.linalg", "numpy.fft",
)  # fmt: skip
"""Modules of which every name is allowed that is not among the exceptions."""
_OTHER = (
    "__future__", "abc", "argparse", "copy", "csv", "dataclasses", "enum", "functools", "io", "json", "matplotlib",
    "matplotlib.pyplot", "mpl_toolkits.mplot3d", "numbers", "operator", "os", "os.path", "pprint", "re",
    "scipy.special", "string", "sys", "textwrap", "tqdm", "tqdm.auto", "typing", "warnings",
)  # fmt: skip
"""Modules of which the names are allowed that stand here."""
_NAMES = frozenset(
    re.findall(
        r"\w+",
        """
    annotations ABC abstractmethod ArgumentParser add_argument parse_args deepcopy reader DictReader writerow
    StringIO cache value dataclass field asdict Enum auto partial reduce wraps lru_cache loads dumps pyplot
    Number pprint sub findall match add mul matmul itemgetter join exists dirname abspath basename isfile getcwd
    expit logsumexp softmax erf ascii_lowercase ascii_letters digits argv exit stdout stderr flush maxsize
    float_info version dedent fill tqdm trange Any Callable Dict Generic Iterable Iterator List NamedTuple
    Optional Protocol Sequence Set Tuple TypeVar Union filterwarnings simplefilter catch_warnings warn
    RuntimeWarning setter getter read readline readlines close args plot show figure subplot subplots title
    suptitle xlabel ylabel legend grid scatter imshow contour contourf colorbar axis axes xlim ylim tight_layout
    pause ion ioff draw clf cla bar hist semilogy set_title set_xlabel set_ylabel set_xlim set_ylim axhline
    axvline fill_between annotate Axes3D add_subplot cm set_data
""",
    )
)
_EXCEPTIONS = frozenset(
    re.findall(
        r"\w+",
        """
    load save savez savez_compressed savetxt fromfile fromregex memmap lookfor source info test frombuffer
    DataSource set_string_function who safe_eval open_memmap tofile dump dumps ctypes data setfield getfield
    bit_generator SystemRandom deprecate get_include show_config nditer nested_iters deprecate_with_doc disp
""",
    )
)
_BUILT_IN = frozenset({
    "eval", "exec", "compile", "__import__", "globals", "locals", "vars", "getattr", "setattr", "delattr", "dir",
    "breakpoint", "memoryview", "help",
})  # fmt: skip
_SPECIAL = frozenset(["__name__", "__init__", "__call__", "__doc__", "__file__", "__class__", "__len__", "__version__"])
_VALUES = (str, bytes, list, tuple, dict, set, frozenset, int, float, complex, range, slice, np.ndarray, np.float64)
_INWARD = (
    types.FrameType, types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType, types.TracebackType,
    types.CodeType, types.FunctionType, types.MethodType, types.ModuleType, types.BuiltinFunctionType, types.CellType,
    AttributeError, NameError, ImportError, type, property, staticmethod,
)  # fmt: skip
"""What leads from a program to those who run it."""


def reasons(source: bytes, beside: Collection[str] = ()) -> list[str]:
    """Return what in a program keeps it from being plain, as `name, line n`; `beside` are modules of its own."""
    if len(source) > _LENGTH:
        return ["more text than can be looked through"]
    try:
        tree = ast.parse(source)
        return list(dict.fromkeys(f"`{name}`, line {line}" for name, line in _found(tree, beside)))[:5]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        return [f"a text that Python cannot read: {problem}"]


def _found(tree: ast.Module, beside: Collection[str]) -> Iterator[tuple[str, int]]:
    own = frozenset(_own(tree)) - dangerous()
    written = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr == "write"}
    streams = {id(n) for n in ast.walk(tree) if id(n) in written and _name(n) in ("sys.stdout", "sys.stderr")}
    opened = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call) and _reads(n)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            renamed = [a for a in node.names if a.asname and a.name in ("os", "sys")]
            yield from ((a.name, node.lineno) for a in node.names if a in renamed or not _known(a.name, beside))
        elif isinstance(node, ast.ImportFrom):
            yield from _imported(node, beside)
        elif isinstance(node, ast.Name):
            bound = node.id in ("os", "sys") and isinstance(node.ctx, ast.Store)
            if bound or node.id in _BUILT_IN or _private(node.id) or (node.id == "open" and id(node) not in opened):
                yield node.id, node.lineno
        elif isinstance(node, ast.Attribute):
            stream = node.attr == "write" and id(node.value) in streams
            if not (stream or _name(node) == "os.path" or node.attr in allowed() or node.attr in own) or _private(
                node.attr
            ):
                yield node.attr, node.lineno
        elif isinstance(node, ast.MatchClass):
            yield "match", node.lineno  # it reads attributes by names that stand elsewhere


def _own(tree: ast.Module) -> Iterator[str]:
    """Yield the names that the program makes: in a class or function, on an object, for its arguments or fields."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg | ast.keyword) and node.arg is not None:
            yield node.arg
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 400:
            yield from re.findall(r"\w+", node.value.lstrip("-").replace("-", "_"))


def _known(module: str, beside: Collection[str]) -> bool:
    return module in _COMPUTING or module in _OTHER or module in beside


def _imported(node: ast.ImportFrom, beside: Collection[str]) -> Iterator[tuple[str, int]]:
    module = node.module or ""
    if node.level > 1 or (module and not _known(module, beside)):
        yield module or "..", node.lineno
    for alias in node.names:
        inner = f"{module}.{alias.name}" if module else alias.name
        ours = module in beside or _known(inner, beside) or (module == "math" and alias.name == "*")
        if not (ours or (alias.name in allowed() and not _private(alias.name))):
            yield alias.name, node.lineno


def _private(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in _SPECIAL


def _name(node: ast.AST) -> str:
    return ast.unparse(node) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) else ""


def _reads(call: ast.Call) -> bool:
    """A file may be read whose name stands there; a number could be a descriptor, what is written be imported."""
    if not (isinstance(call.func, ast.Name) and call.func.id == "open" and 1 <= len(call.args) <= 2):
        return False
    given = [*call.args, *(k.value for k in call.keywords)]
    modes = [*call.args[1:], *(k.value for k in call.keywords if k.arg == "mode")]
    texts = all(isinstance(g, ast.Constant) and isinstance(g.value, str) for g in given)
    kept = all(isinstance(m, ast.Constant) and m.value in ("r", "rt", "rb") for m in modes)
    return texts and kept and all(k.arg in ("mode", "encoding", "errors", "newline") for k in call.keywords)


@cache
def allowed() -> frozenset[str]:
    """Return the names of attributes that compute."""
    things: list[Any] = [*map(importlib.import_module, _COMPUTING), *_VALUES]
    things += [np.ufunc, np.dtype, np.random.Generator, np.random.RandomState, np.flatiter]
    found = {n for t in things for n in dir(t) if not n.startswith("_") and not _module(t, n)}
    return (frozenset(found) - _EXCEPTIONS) | _NAMES | {"linalg", "random", "fft", "time"}


@cache
def dangerous() -> frozenset[str]:
    """Return the names that no program makes its own: what modules and the insides of Python are known by."""
    modules = [importlib.import_module(n) for n in (*_COMPUTING, *_OTHER) if n.split(".")[0] in sys.stdlib_module_names]
    named = {n for t in (*modules, np, np.random, *_VALUES, *_INWARD, _formatter()) for n in dir(t)}
    return frozenset(n for n in named | sys.stdlib_module_names | _EXCEPTIONS if len(n) > 1) - allowed()


def _formatter() -> Any:
    return importlib.import_module("string").Formatter


def _module(owner: Any, name: str) -> bool:
    return isinstance(getattr(owner, name, None), types.ModuleType)
