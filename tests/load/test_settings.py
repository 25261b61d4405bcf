"""[tool.bpdoctor] of the nearest pyproject.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.load.settings import BadSettings, settings_for


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(f"[tool.bpdoctor]\n{text}\n", encoding="utf-8")
    return folder / "net.py"


def test_values(tmp_path: Path) -> None:
    text = 'select = ["BP3"]\nignore = "dead-relu, BP602"\nseed = 3\ntime-limit = 5\nstrict = true\nargs = "-n 3"'
    settings = settings_for(str(write(tmp_path, text)))
    assert settings.values == {
        "select": ("BP3",),
        "ignore": ("dead-relu", "BP602"),
        "seed": 3,
        "time_limit": 5.0,
        "strict": True,
        "args": ("-n", "3"),
    }


def test_the_nearest_counts(tmp_path: Path) -> None:
    write(tmp_path, "seed = 1")
    inner = write(tmp_path / "pkg", "seed = 2")
    assert settings_for(str(inner)).values == {"seed": 2}
    assert settings_for(str(tmp_path / "other" / "net.py")).values == {"seed": 1}
    assert settings_for(str(tmp_path / "pkg")).values == {"seed": 2}


def test_none(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    assert settings_for(str(tmp_path)).values == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sead = 3", "no key 'sead'; did you mean seed?"),
        ("seed = -1", "seed must be a whole number"),
        ("seed = true", "seed must be a whole number"),
        ("strict = 'yes'", "strict must be true or false"),
        ("select = [1]", "select must be a list of names"),
        ("time-limit = 0", "time-limit must be a positive number"),
        ("seed = ", "cannot be read"),
    ],
)
def test_mistakes_are_named(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as told:
        settings_for(str(write(tmp_path, text)))
    assert says in str(told.value) and "pyproject.toml" in str(told.value)
