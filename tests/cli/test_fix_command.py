"""`bpdoctor fix`, settings of a project, and watching."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bpdoctor.cli.watch import changes
from tests.cli.fakes import Options, Run, Seen
from tests.load.programs import GUILTY, HEALTHY, SICK

CURED = SICK.replace(GUILTY, "    d1 = (d2.dot(W2.T)) * (h * (1 - h))")


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(text: str, name: str = "net.py") -> None:
    Path(name).write_bytes(text.encode())


def test_diff_can_be_applied(run: Run) -> None:
    write(SICK)
    code, out, err = run("fix", "net.py")
    assert code == 1 and Path("net.py").read_text() == SICK
    assert "would fix missing-activation-derivative" in err and "1 fixed, then healthy" in err
    done = subprocess.run(["patch", "-p1"], input=out, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    assert run("fix", "net.py")[:2] == (0, "")


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_write(ends: str, run: Run) -> None:
    comment = "  # été"
    write(SICK.replace(GUILTY, GUILTY + comment).replace("\n", ends))
    code, out, err = run("fix", "--write", "net.py")
    assert (code, out) == (0, "") and "net.py: 1 fixed, then healthy" in err
    text = Path("net.py").read_bytes().decode()
    assert text.count(ends) == SICK.count("\n") and comment in text
    old, new = (t.replace("\r", "").split("\n") for t in (SICK, text))
    assert [a for a, b in zip(old, new, strict=True) if a != b] == [GUILTY]


def test_a_module_beside_is_mended(run: Run) -> None:
    head, _, loop = SICK.partition("for step in range(60):\n")
    data, _, network = head.partition("W1 =")
    write(
        "import numpy as np\n\ndef sigmoid" + network.partition("def sigmoid")[2] + "def step(X, Y, W1, W2):\n" + loop,
        "net.py",
    )
    weights = "W1 =" + network.partition("\n\n")[0] + "\n"
    write(data + weights + "from net import step\nfor i in range(60):\n    step(X, Y, W1, W2)\n", "main.py")
    before = Path("main.py").read_text()
    code, _, err = run("fix", "--write", "main.py")
    assert code == 0, err
    assert err.startswith("net.py:") and Path("main.py").read_text() == before
    assert GUILTY + "\n" not in Path("net.py").read_text()


def test_nothing_to_fix(run: Run) -> None:
    write(HEALTHY)
    code, out, err = run("fix", "net.py", "--write")
    assert (code, out) == (0, "") and "nothing to fix" in err and Path("net.py").read_text() == HEALTHY
    write("x = = 1\n")
    assert run("fix", "net.py")[0] == 2
    assert run("fix", "absent.py")[0] == 2


def test_what_is_ignored_is_left(run: Run) -> None:
    write(SICK.replace(GUILTY, GUILTY + "  # bpdoctor: ignore"))
    assert run("fix", "net.py")[:2] == (0, "")


# ---- settings


def project(text: str) -> None:
    write(f"[tool.bpdoctor]\n{text}\n", "pyproject.toml")


def test_settings_of_the_project(run: Run, pipeline: Seen, folder: Path) -> None:
    project('seed = 5\nignore = ["BP601"]\nstrict = true\nformat = "concise"')
    code, out, _ = run("check", "odd.py")
    assert code == 1 and out.startswith("odd.py:1:1: warning[BP301]")
    assert pipeline.options[-1] == Options(seed=5, ignore=("dead-relu",))
    run("check", "good.py", "--seed", "7", "--ignore", "BP602")
    assert pipeline.options[-1] == Options(seed=7, ignore=("saturation",))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sead = 1", "sead"),
        ('select = ["no-such"]', "no-such"),
        ('format = "yaml"', "yaml"),
        ('hints = "all"', "hints"),
    ],
)
def test_mistakes_in_it_are_usage_errors(text: str, says: str, run: Run, pipeline: Seen, folder: Path) -> None:
    project(text)
    code, out, err = run("check", "good.py")
    assert (code, out) == (2, "") and says in err


# ---- watching


def test_watching_sees_what_changes(tmp_path: Path) -> None:
    write("x = 1\n")
    write("y = 1\n", "beside.py")
    moments = iter(
        [
            lambda: None,
            lambda: write("x = 22\n"),
            lambda: write("text", "notes.txt"),
            lambda: write("y = 22\n", "beside.py"),
        ]
    )

    def sleep(seconds: float) -> None:
        moment = next(moments, None)
        if moment is None:
            raise KeyboardInterrupt
        moment()

    assert len(list(changes(["net.py"], sleep))) == 2
