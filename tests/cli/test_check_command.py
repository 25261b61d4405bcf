"""`bpdoctor check`: exit codes, formats, what reaches the pipeline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bpdoctor.load import written
from tests.cli.fakes import Options, Run, Seen

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["good.py"], 0),
        (["odd.py"], 0),
        (["odd.py", "--strict"], 1),
        (["sick.py"], 1),
        (["broken.py"], 2),
        (["broken.py", "sick.py"], 1),
        (["broken.py", "good.py"], 2),
        (["crash.py"], 101),
        (["absent.py"], 2),
        ([], 2),
        (["good.py", "--format", "xml"], 2),
        (["good.py", "--select", "no-such-rule"], 2),
        (["good.py", "--seed", "-1"], 2),
        (["good.py", "--output", "absent/report.txt"], 2),
    ],
)
def test_exit_codes(run: Run, pipeline: Seen, args: list[str], code: int) -> None:
    assert run("check", *args)[0] == code


def test_an_internal_error_is_one_line(run: Run, pipeline: Seen) -> None:
    code, out, err = run("check", "crash.py")
    assert (code, out) == (101, "")
    assert err == ("internal error: RuntimeError: the tape is torn, please report (--debug shows the traceback)\n")


@pytest.mark.parametrize("args", [["--debug", "check", "crash.py"], ["check", "crash.py", "--debug"]])
def test_debug_shows_the_traceback(run: Run, pipeline: Seen, args: list[str]) -> None:
    assert "Traceback" in run(*args)[2]


def test_what_is_not_given_keeps_the_default(run: Run, pipeline: Seen) -> None:
    run("check", "good.py")
    assert pipeline.options == [Options()]


def test_options_reach_the_pipeline(run: Run, pipeline: Seen) -> None:
    run("check", "good.py", "--select", "BP301,bp302", "--ignore", "BP303", "--seed", "7",
        "--time-limit", "2.5", "--loss", "J", "--params", "W1, b1", "--params", "W2", "--step", "train",
        "--no-fix")  # fmt: skip
    assert pipeline.options == [
        Options(
            select=("double-activation-derivative", "activation-formula-on-preactivation"),
            ignore=("missing-activation-derivative",),
            seed=7,
            time_limit=2.5,
            loss="J",
            params=("W1", "b1", "W2"),
            step="train",
            fix=False,
        )
    ]


def test_a_family_of_codes(run: Run, pipeline: Seen) -> None:
    run("check", "good.py", "--select", "BP3")
    (options,) = pipeline.options
    assert len(options.select) > 3 and "double-activation-derivative" in options.select


def test_an_unknown_rule_gets_a_suggestion(run: Run, pipeline: Seen) -> None:
    assert "did you mean double-activation-derivative" in run(
        "check", "good.py", "--select", "double-activation-derivativ"
    )[2]  # fmt: skip


def test_the_excerpt_comes_from_the_file(run: Run, pipeline: Seen) -> None:
    out = run("check", "sick.py")[1]
    assert "1 | W1 = 1\n  | ^^^ here\n" in out
    assert out.splitlines()[-1] == "1 error"


def test_json_on_standard_output(run: Run, pipeline: Seen) -> None:
    code, out, _ = run("check", "sick.py", "good.py", "--format", "json")
    assert code == 1
    assert [report["verdict"] for report in json.loads(out)] == ["sick", "healthy"]


def test_output_file(run: Run, pipeline: Seen, folder: Path) -> None:
    assert run("check", "sick.py", "--output", "report.json")[:2] == (1, "")
    assert json.loads((folder / "report.json").read_text())[0]["path"] == "sick.py"
    run("check", "sick.py", "--output", "report.txt")
    assert (folder / "report.txt").read_text().startswith("error[BP301]: ")
    run("check", "sick.py", "--output", "report.json", "--format", "concise")
    assert (folder / "report.json").read_text().startswith("sick.py:1:1: error[BP301]")


def test_hints(run: Run, pipeline: Seen) -> None:
    assert "BP301" not in run("check", "sick.py", "--hints", "symptom")[1]


def test_colour_only_when_asked_or_on_a_terminal(run: Run, pipeline: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in run("check", "sick.py")[1]
    assert "\x1b" in run("check", "sick.py", "--color", "always")[1]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b" in run("check", "sick.py")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("check", "sick.py")[1]


def test_a_file_in_another_encoding(run: Run, pipeline: Seen, folder: Path) -> None:
    (folder / "sick_latin.py").write_bytes("# coding: latin-1\nb = 'é'\n".encode("latin-1"))
    assert written(str(folder / "sick_latin.py"))[str(folder / "sick_latin.py")] == "# coding: latin-1\nb = 'é'\n"
    (folder / "sick_bytes.py").write_bytes(b"x = '\xff'\n")
    assert "x = 'ÿ'" in run("check", "sick_bytes.py")[1]


PROGRAM = """
import sys, types
from tests.cli.fakes import Options, answer
module = types.ModuleType("bpdoctor.pipeline")
module.Options, module.check_path = Options, lambda path, options: answer(path)
module.preload = lambda: None
sys.modules["bpdoctor.pipeline"] = module
from bpdoctor.cli import main
sys.exit(main(sys.argv[1:]))
"""


def _command(*args: str) -> list[str]:
    return [sys.executable, "-c", PROGRAM, *args]


def _environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def test_a_console_that_is_not_utf8(folder: Path) -> None:
    (folder / "sick.py").write_text("权重 = 'é'\n", encoding="utf-8")
    done = subprocess.run(
        _command("check", "sick.py"),
        capture_output=True,
        env=_environment(PYTHONIOENCODING="ascii"),
        check=False,
    )
    assert done.returncode == 1
    assert b"\\u6743\\u91cd = '\\xe9'" in done.stdout


def test_a_reader_that_stops_reading(folder: Path) -> None:
    process = subprocess.Popen(
        _command("check", *["sick.py"] * 1, "odd.py", "good.py", "--format", "json"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment(),
    )  # fmt: skip
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 1
    process.stderr.close()
