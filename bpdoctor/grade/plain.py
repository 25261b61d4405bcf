"""Is a program plain? Only then what it says while it runs inside the examiner can be believed.

A whole program shares its process with what observes it. Marks for it are given by machine only where its
text has no way to reach its observer; for everything else a person has to look.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

_MODULES = frozenset({
    "__future__", "abc", "argparse", "array", "bisect", "cmath", "collections", "copy", "csv", "dataclasses",
    "datetime", "decimal", "enum", "fractions", "functools", "heapq", "itertools", "json", "logging", "math",
    "matplotlib", "mpl_toolkits", "numbers", "numpy", "operator", "os", "pathlib", "pandas", "pprint", "random",
    "re", "scipy", "seaborn", "sklearn", "statistics", "string", "sys", "tabulate", "textwrap", "time",
    "timeit", "tqdm", "typing", "unittest", "warnings",
})  # fmt: skip
_NAMES = frozenset({
    "eval", "exec", "compile", "__import__", "globals", "locals", "vars", "getattr", "setattr", "delattr",
    "breakpoint", "__builtins__", "__loader__", "__spec__", "memoryview",
})  # fmt: skip
_ATTRIBUTES = frozenset({
    "ctypeslib", "ctypes", "memmap", "f2py", "lib", "core", "testing", "fromfile", "tofile", "DataSource",
    "load", "fdopen", "write", "dup", "dup2", "kill", "fork", "_exit", "abort", "system", "popen", "execv",
    "modules", "settrace", "setprofile", "builtins", "inspect", "importlib", "gc", "subprocess", "signal",
    "socket", "threading", "multiprocessing", "faulthandler", "pickle", "marshal", "open_memmap", "attrgetter",
    "methodcaller",
})  # fmt: skip
_SPECIAL = frozenset(["__name__", "__init__", "__call__", "__doc__", "__file__", "__class__", "__len__", "__version__"])
_STREAMS = ("stdout", "stderr")


def reasons(source: bytes) -> list[str]:
    """Return what in a program keeps it from being plain, as `name, line n`."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return list(dict.fromkeys(f"`{name}`, line {line}" for name, line in _found(tree)))[:5]


def _found(tree: ast.Module) -> Iterator[tuple[str, int]]:
    written = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr in _STREAMS
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((a.name, node.lineno) for a in node.names if a.name.split(".")[0] not in _MODULES)
        elif isinstance(node, ast.ImportFrom):
            yield from _imported(node)
        elif isinstance(node, ast.Name) and node.id in _NAMES:
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute):
            private = node.attr.startswith("__") and node.attr.endswith("__") and node.attr not in _SPECIAL
            stream = isinstance(node.value, ast.Attribute) and id(node.value) in written and node.attr == "write"
            if private or (node.attr in _ATTRIBUTES and not stream):
                yield node.attr, node.lineno
        elif isinstance(node, ast.Call) and not _harmless(node):
            yield "open", node.lineno


def _harmless(call: ast.Call) -> bool:
    """A file may be opened by a name that stands there; a number could be a descriptor."""
    opens = isinstance(call.func, ast.Name) and call.func.id == "open"
    first = call.args[0] if call.args else None
    return not opens or (isinstance(first, ast.Constant) and isinstance(first.value, str))


def _imported(node: ast.ImportFrom) -> Iterator[tuple[str, int]]:
    module = (node.module or "").split(".")
    if node.level or module[0] not in _MODULES or set(module) & _ATTRIBUTES:
        yield node.module or ".", node.lineno
    for alias in node.names:
        if alias.name in _ATTRIBUTES or alias.name in _NAMES or (alias.name == "*" and module[0] in ("os", "sys")):
            yield alias.name, node.lineno
