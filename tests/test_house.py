"""The rules of the house: sizes, names, lightness, imports, and a README that is true."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import bpdoctor
from bpdoctor.rules import all_rules

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "bpdoctor"
FILES = sorted(PACKAGE.rglob("*.py"))
FILE_LINES = 300
FUNCTION_LINES = 40
SHAPELESS = frozenset({"util", "utils", "helper", "helpers", "common", "misc", "manager"})
README = (ROOT / "README.md").read_text(encoding="utf-8")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def functions(path: Path) -> Iterator[Function]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def length(function: Function) -> int:
    """Lines of a function, without its docstring and decorators."""
    end = function.end_lineno or function.lineno
    first = function.body[0]
    prose = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(function) is not None else 0
    return end - function.lineno + 1 - prose


@pytest.mark.parametrize("path", FILES, ids=name)
def test_file_size(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES


@pytest.mark.parametrize("path", FILES, ids=name)
def test_function_size(path: Path) -> None:
    """Nothing longer than a screen; the options of a command stand above it, as decorators."""
    assert {f.name: length(f) for f in functions(path) if length(f) > FUNCTION_LINES} == {}


def test_no_shapeless_names() -> None:
    """A file is named for what it holds."""
    assert [name(path) for path in FILES if {path.stem, path.parent.name} & SHAPELESS] == []


def test_every_module_says_what_it_is() -> None:
    empty = [path for path in FILES if path.read_text(encoding="utf-8").strip()]
    assert [name(p) for p in empty if ast.get_docstring(ast.parse(p.read_text(encoding="utf-8"))) is None] == []


def test_top_level() -> None:
    """Three folders and three files; what begins with a dot, and what git ignores, aside.

    The pytest plugin stands outside of the package, or every run of pytest would import the package.
    """
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a checkout")
    tops = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert {t for t in tops if not t.startswith(".")} <= {
        "pyproject.toml",
        "README.md",
        "_bpdoctor_pytest.py",
        "bpdoctor",
        "cases",
        "tests",
    }


# ---- lightness


def loaded(program: str) -> set[str]:
    """The modules that a program has imported when it ends."""
    code = f"import sys, io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()):\n    {program}\n"
    done = subprocess.run(
        [sys.executable, "-c", code + "print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["check", "--help"], ["cases", "--help"]])
def test_help_is_light(args: list[str]) -> None:
    modules = loaded(f"from bpdoctor.cli import main; main({args!r})")
    assert not modules & {"numpy", "scipy", "rich", "bpdoctor.rules", "bpdoctor.pipeline", "bpdoctor.report"}


def test_importing_the_package_is_light() -> None:
    before = loaded("pass")
    assert loaded("import bpdoctor") - before == {"bpdoctor"}


def test_every_module_imports_alone() -> None:
    """Each in a fresh interpreter's place: no module relies on another having been imported first."""
    code = (
        "import importlib, os, sys\n"
        "for name in sys.argv[1:]:\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        try:\n"
        "            importlib.import_module(name)\n"
        "        except BaseException as error:\n"
        "            print(name, repr(error), flush=True)\n"
        "        os._exit(0)\n"
        "    os.waitpid(child, 0)\n"
    )
    names = [module(path) for path in FILES if path.name != "__main__.py"]
    preload = "import numpy\n"  # the only heavy one; nothing of ours is loaded before a fork
    done = subprocess.run(
        [sys.executable, "-c", preload + code, *names], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == ""


# ---- one version, a public name for each thing


def test_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    written = [name(p) for p in FILES if f'"{bpdoctor.__version__}"' in p.read_text(encoding="utf-8")]
    assert written == ["bpdoctor/__init__.py"]


def test_rule_files_are_named_for_their_rules() -> None:
    named = {path.stem for path in (PACKAGE / "rules").glob("bp*.py")}
    rules = {f"{r.code.lower()}_{r.slug.replace('-', '_')}" for r in all_rules().values()}
    assert named <= rules


# ---- the README


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


def commands() -> list[str]:
    """Every `bpdoctor …` line of the README's shell blocks."""
    lines = [line.strip() for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line.startswith("bpdoctor ")]


def run(line: str) -> subprocess.CompletedProcess[str]:
    words = shlex.split(line, comments=True)
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("line", commands())
def test_readme_commands_run(line: str) -> None:
    done = run(line)
    assert done.returncode in (0, 1), done.stderr
    assert not done.stderr


def test_readme_shows_real_output() -> None:
    """What stands under the first check is what it prints."""
    printed = run("bpdoctor check cases/double-activation-derivative/sick.py").stdout
    assert_written(re.compile(r"(?<=^```text\n).*?(?=^```$)", re.M | re.S), printed)


def test_readme_lists_the_rules() -> None:
    """The table is the output of `bpdoctor rules --format markdown`."""
    printed = run("bpdoctor rules --format markdown").stdout.strip()
    assert_written(re.compile(r"^\| code \|.*?(?=\n\n)", re.M | re.S), printed)


def assert_written(part: re.Pattern[str], expected: str) -> None:
    """Compare a part of the README; with BPDOCTOR_BLESS=1, write it."""
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    found = part.findall(text)
    if os.environ.get("BPDOCTOR_BLESS") == "1" and len(found) == 1:
        path.write_text(part.sub(lambda match: expected, text), encoding="utf-8")
        return
    assert found == [expected]


def test_readme_names_files_that_exist() -> None:
    named = re.findall(r"(?<![\w/.])((?:bpdoctor|cases|tests|\.ci)/[\w/.<>*-]*)", README)
    missing = [n for n in named if "<" not in n and not (ROOT / n.rstrip(".")).exists()]
    assert missing == []
