"""Which files a path stands for."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from bpdoctor.cli.targets import targets
from tests.cli.fakes import Run


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (
        "b.py", "a/net.py", "a/notes.txt", "a/test_net.py", "a/net_test.py", "tests/x.py", ".venv/x.py",
        "my_env/pyvenv.cfg", "my_env/lib/x.py", ".hidden.py", "conftest.py", "__pycache__/x.py", "a/b/c.py",
        "empty/readme.md",
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


@pytest.mark.usefixtures("tree")
def test_a_folder_gives_its_programs_in_order() -> None:
    assert targets(["."]) == ["a/b/c.py", "a/net.py", "b.py"]
    assert targets(["a"]) == ["a/b/c.py", "a/net.py"]


@pytest.mark.usefixtures("tree")
def test_a_named_file_is_always_taken_and_once() -> None:
    assert targets(["tests/x.py", "b.py", ".", "b.py"]) == ["tests/x.py", "b.py", "a/b/c.py", "a/net.py"]
    assert targets(["tests"]) == ["tests/x.py"]


@pytest.mark.usefixtures("tree")
def test_a_part_of_a_file() -> None:
    assert targets(["b.py:Net"]) == ["b.py:Net"]
    with pytest.raises(click.UsageError, match=r"c\.py:Net"):
        targets(["c.py:Net"])


@pytest.mark.usefixtures("tree")
def test_a_folder_without_python(run: Run) -> None:
    code, _, err = run("check", "empty")
    assert code == 2 and "no Python file to check in empty" in err
