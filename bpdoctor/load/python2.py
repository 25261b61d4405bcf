"""Python 2 in memory: recognised by its syntax or its names, translated by a fork of 2to3 where installed."""

from __future__ import annotations

import ast
import importlib
import re
from typing import Any

from bpdoctor.model.source import lines_of

TRANSLATED = "the file is Python 2; it was translated to Python 3 in memory"
NAMES = "the file uses names of Python 2, which were supplied"
FLOORS = "`/` between integers divides with floor, as in Python 2"

_SIGNS = (
    (re.compile(r"^\s*(?:.*:\s*)?print\s+(?![(=,.\[])\S"), "a print statement"),
    (re.compile(r"^\s*(?:.*:\s*)?print\s*(\(.*\)\s*,|>>.*)?$"), "a print statement"),
    (re.compile(r"^\s*print\s*\("), "a print statement"),
    (re.compile(r"\bexcept\s+[\w.()]+\s*,\s*\w+\s*:"), "an except clause with a comma"),
    (re.compile(r"^\s*(?:.*:\s*)?raise\s+[\w.]+\s*,"), "a raise statement with a comma"),
    (re.compile(r"<>"), "the operator <>"),
    (re.compile(r"^\s*exec\s+[\"'\w]"), "an exec statement"),
    (re.compile(r"`[^`]+`"), "a repr in backticks"),
    (re.compile(r"\b0[0-7]+\b"), "an octal number without o"),
    (re.compile(r"\b\d+L\b"), "a long number"),
    (re.compile(r"\bur['\"]"), "a raw unicode string"),
    (re.compile(r"(def|lambda)\b[^:]*\(\s*\w*,?\s*\(\w+,"), "a tuple as a parameter"),
)
_BUILTINS = frozenset({"xrange", "raw_input", "unicode", "basestring", "unichr"})
_ITERATORS = frozenset({"izip", "imap", "ifilter", "izip_longest", "ifilterfalse"})
# Left out: what only tidies, what adds lines, and what makes imports relative.
_SKIPPED = frozenset(
    {"asserts", "buffer", "exitfunc", "future", "idioms", "import", "intern", "operator", "reduce", "reload",
     "set_literal", "sys_exc", "tuple_params", "ws_comma"}
)  # fmt: skip
_PACKAGES = ("fissix", "lib2to3")


def sign(line: str) -> str:
    """What of a line that Python 3 does not accept is Python 2; empty if nothing."""
    return next((what for pattern, what in _SIGNS if pattern.search(line)), "")


def seen(written: str, error: SyntaxError | ValueError) -> bool:
    """Whether Python 2 is why a text does not parse, which has no f-strings."""
    if isinstance(error, SyntaxError) and "f-string" in (error.msg or ""):
        return False
    if isinstance(error, SyntaxError) and error.lineno and not isinstance(error, TabError):
        near = lines_of(written)[error.lineno - 1 : error.lineno]
        return any(sign(line) for line in near)
    return any(sign(line) for line in lines_of(written))


def spoken(tree: ast.Module) -> bool:
    """Whether a program that Python 3 can parse uses what only Python 2 has, and does not ask which it runs on."""
    nodes = list(ast.walk(tree))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    bound = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    bound |= {a.asname or a.name for n in nodes if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names}
    bound |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    asks = {"version", "version_info", "PY2", "PY3"} & (names | attributes | bound) or "NameError" in names
    return bool(names & _BUILTINS - bound or _lazy(tree)) and not asks


def _lazy(tree: ast.Module) -> bool:
    """Whether a program relies on what only the itertools of Python 2 has; what it merely tries may be missing."""
    tried = {id(n) for t in ast.walk(tree) if isinstance(t, ast.Try) for n in ast.walk(t)}
    for node in (n for n in ast.walk(tree) if id(n) not in tried):
        names = (
            {a.name for a in node.names} if isinstance(node, ast.ImportFrom) and node.module == "itertools" else set()
        )
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "itertools":
            names = {node.attr}
        if names & _ITERATORS:
            return True
    return False


def floors(written: str) -> bool:
    """Whether ``/`` between integers means floor division."""
    return not re.search(r"^from\s+__future__\s+import\b.*\bdivision\b", written, re.M)


def translated(written: str) -> str | None:
    """Python 3 with the same lines, or None where that cannot be had."""
    tool = _tool()
    if tool is None:
        return None
    out = _refactored(tool[0], tool[1], written)
    if out is None or len(lines_of(out)) == len(lines_of(written)):
        return out
    # Some fixer adds or takes lines here: go without it.
    text = written
    for fixer in tool[1]:
        changed = _refactored(tool[0], [fixer], text)
        if changed is not None and len(lines_of(changed)) == len(lines_of(text)):
            text = changed
    return text


def _tool() -> tuple[Any, list[str]] | None:
    for package in _PACKAGES:
        try:
            refactor = importlib.import_module(f"{package}.refactor")
        except ImportError:
            continue
        import logging

        logging.getLogger("RefactoringTool").setLevel(logging.CRITICAL)
        names = refactor.get_fixers_from_package(f"{package}.fixes")
        return refactor, [name for name in names if name.rpartition(".fix_")[2] not in _SKIPPED]
    return None


def _refactored(refactor: Any, fixers: list[str], text: str) -> str | None:
    ended = text if text.endswith("\n") else text + "\n"
    try:
        out = str(refactor.RefactoringTool(fixers).refactor_string(ended, "program"))
    except Exception:  # the tokenizer, the parser and the fixers each have errors of their own
        return None
    return out if text.endswith("\n") else out.removesuffix("\n")


def why_not() -> str:
    """Why a text in Python 2 was not translated."""
    if _tool() is None:
        return "which `pip install bpdoctor[python2]` lets bpdoctor translate; without, it reads Python 3"
    return "and could not be translated; bpdoctor reads Python 3"
