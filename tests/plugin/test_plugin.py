"""The pytest plugin, in runs of pytest of its own: each with only the plugins that it names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GRADIENTS = """
    import numpy as np
    import pytest

    X, Y = np.eye(3), np.array([1.0, 2.0, 3.0])

    def loss(w):
        return np.mean((X @ w - Y) ** 2)

    def right(w):
        return 2 * X.T @ (X @ w - Y) / 3

    def wrong(w):
        return 2 * X.T @ (X @ w - Y)

    def test_right(bpdoctor):
        assert bpdoctor.assert_gradients(loss, right, np.ones(3) / 3)

    @pytest.mark.bpdoctor(seed=7)
    def test_wrong(bpdoctor):
        bpdoctor.assert_gradients(loss, wrong, np.ones(3) / 3)
"""


def pytest_run(folder: Path, *args: str, alone: bool = False) -> subprocess.CompletedProcess[str]:
    """Run pytest there; unless `alone`, with the plugin loaded by name (whatever is installed)."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    env.pop("PYTEST_ADDOPTS", None)
    plugin = [] if alone else ["-p", "_bpdoctor_pytest"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *plugin, *args],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = [line.removeprefix("    ") for line in GRADIENTS.splitlines()]
    (tmp_path / "test_it.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n", encoding="utf-8")
    return tmp_path


def test_fixture_and_marker(folder: Path) -> None:
    done = pytest_run(folder)
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "the gradient of `w` is 3 times the derivative of the loss" in done.stdout
    assert "to reproduce: seed=7" in done.stdout
    # The user's line is shown, ours are not.
    assert "def wrong(w):" in done.stdout
    assert "blackbox" not in done.stdout


def test_command_line_goes_before_marker(folder: Path) -> None:
    assert "to reproduce: seed=11" in pytest_run(folder, "--bpdoctor-seed", "11").stdout


def test_plain_assertions(folder: Path) -> None:
    done = pytest_run(folder, "--assert=plain")
    assert "3 times the derivative" in done.stdout


def test_with_xdist_and_junit(folder: Path) -> None:
    done = pytest_run(folder, "-p", "xdist", "-n", "1", "--junitxml", "out.xml")
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert '<property name="bpdoctor_seed" value="7"' in (folder / "out.xml").read_text(encoding="utf-8")


def test_absent_plugin_changes_nothing(folder: Path) -> None:
    (folder / "test_it.py").write_text("def test_it():\n    pass\n", encoding="utf-8")
    assert "1 passed" in pytest_run(folder, "-p", "no:bpdoctor", alone=True).stdout


def test_unused_plugin_imports_nothing(folder: Path) -> None:
    (folder / "test_it.py").write_text(
        "import sys\n\ndef test_it():\n    assert not {'numpy', 'bpdoctor', 'click', 'rich'} & set(sys.modules)\n",
        encoding="utf-8",
    )
    assert "1 passed" in pytest_run(folder).stdout


# ---- programs as tests


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    case = ROOT / "cases" / "double-activation-derivative"
    for name in ("sick.py", "cured.py"):
        (tmp_path / name).write_text((case / name).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nbpdoctor_files = sick.py cured.py\n", encoding="utf-8")
    return tmp_path


def test_programs_are_collected_only_on_request(programs: Path) -> None:
    assert "no tests ran" in pytest_run(programs).stdout


def test_an_item_for_each_parameter(programs: Path) -> None:
    done = pytest_run(programs, "--bpdoctor", "-v")
    lines = done.stdout.splitlines()
    assert any(line.startswith("cured.py::") and "PASSED" in line for line in lines), done.stdout
    assert any(line.startswith("sick.py::self.pesos_saida FAILED") for line in lines), done.stdout
    assert any(line.startswith("sick.py::program PASSED") for line in lines), done.stdout
    assert "error[BP301]" in done.stdout
    assert not any(line.startswith("cured.py::") and "FAILED" in line for line in lines)


def test_programs_need_names(folder: Path) -> None:
    done = pytest_run(folder, "--bpdoctor")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "bpdoctor_files" in done.stderr


# ---- cost


def test_import_is_light() -> None:
    """What the module imports besides pytest's own modules, and how long its body takes."""
    code = (
        "import sys, time, json, pytest\n"
        "before = set(sys.modules); began = time.process_time()\n"
        "import _bpdoctor_pytest\n"
        "spent = time.process_time() - began\n"
        "json.dump([sorted(set(sys.modules) - before), spent], sys.stdout)\n"
    )
    runs = []
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
        modules, spent = json.loads(done.stdout)
        assert modules == ["_bpdoctor_pytest"]
        runs.append(spent)
    assert min(runs) < 0.005
