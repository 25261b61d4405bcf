"""The assignment file: everything that is wrong is told at once, and a draft is valid."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bpdoctor.cli import main
from bpdoctor.grade.assignment import BadAssignment, read
from tests.grade.population import ASSIGNMENT, REFERENCE

HEAD = '[assignment]\nreference = "reference.py"\n'


def problems(tmp_path: Path, text: str) -> str:
    (tmp_path / "reference.py").write_text(REFERENCE)
    path = tmp_path / "assignment.toml"
    path.write_text(text)
    with pytest.raises(BadAssignment) as caught:
        read(path)
    return str(caught.value)


@pytest.mark.parametrize(
    "text, told",
    [
        ("", "there is no [[check]]"),
        ("[assignment", "assignment.toml"),
        ("[asignment]\n", "unknown section [asignment]"),
        ('[assignment]\nentri = "a.py"\n', "did you mean `entry`?"),
        ('[assignment]\nentry = "../a.py"\n', "without a folder"),
        ('[assignment]\nreference = "nothing.py"\n', "there is no file"),
        ('[assignment]\nhints = "all"\n', "one of none, symptom, place, cause"),
        ("[limits]\nseconds = -1\n", "`seconds` must be a number"),
        ('[[check]]\nkind = "layr"\npoints = 1\n', "`kind` must be one of derivative, gradient, layer"),
        ('[[check]]\nkind = "derivative"\nfunction = "f"\n', "`points` is missing"),
        (
            HEAD + '[[check]]\nkind = "layer"\npoints = 1\nforward = "f"\nbackward = "g"\ninputs = { x = [0] }\n',
            "`inputs`",
        ),
        (
            HEAD + '[[check]]\nkind = "layer"\npoints = 1\nforward = "f"\nbackward = "g"\ninputs = { x = [2] }\n'
            'gradients = ["W"]\nbackward_args = ["dz"]\n',
            "`W` is no input",
        ),
        ('[[check]]\nkind = "derivative"\npoints = 1\nfunction = "f"\nderivative = "g"\n', "`reference` is missing"),
    ],
)
def test_what_is_wrong_is_told(text: str, told: str, tmp_path: Path) -> None:
    assert told in problems(tmp_path, text)


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = '[assignment]\nseed = "x"\nhints = 3\n[limits]\nsecond = 1\n[[check]]\nkind = "script"\n'
    assert len(problems(tmp_path, text).splitlines()) == 4


def test_a_draft_is_valid_and_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "reference.py").write_text(REFERENCE)
    assert main(["grade", "init", str(tmp_path / "reference.py")]) == 0
    written = (tmp_path / "assignment.toml").read_text()
    assert "dense_forward" in [check.get("forward") for check in tomllib.loads(written)["check"]]
    assert read(tmp_path / "assignment.toml").points > 0
    kinds = {check["name"]: (check["kind"], check.get("of")) for check in tomllib.loads(written)["check"]}
    assert kinds["sigmoid"] == ("derivative", "output")
    assert kinds["mse"] == ("loss", "prediction")
    assert main(["grade", "validate", str(tmp_path / "assignment.toml")]) == 0
    assert main(["grade", "init", str(tmp_path / "reference.py")]) == 2
    assert (tmp_path / "assignment.toml").read_text() == written


def test_validate(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grade", "validate", str(ASSIGNMENT)]) == 0
    told = capsys.readouterr().out
    assert "the unchanged starter earns 0 of 16" in told
    assert told.strip().endswith("ready")


def test_validate_refuses_a_wrong_reference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("starter.py", "class.toml"):
        (tmp_path / name).write_text(ASSIGNMENT.with_name(name).read_text())
    (tmp_path / "reference.py").write_text(REFERENCE.replace("dout.sum(axis=0)", "dout.mean(axis=0)"))
    assert main(["grade", "validate", str(tmp_path / "class.toml")]) == 1
    assert "dense layer: the reference's gradient of b: it is a constant multiple" in capsys.readouterr().out
