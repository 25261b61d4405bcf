"""An autograder that carries everything with it: assignment, reference, and this package."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import bpdoctor
from bpdoctor.grade.assignment import Assignment
from bpdoctor.grade.classroom import Settings, hosted
from bpdoctor.grade.grader import Grader
from bpdoctor.grade.marks import Grade
from bpdoctor.grade.report import gradescope
from bpdoctor.grade.report.folder import put
from bpdoctor.grade.submissions import one

_SETUP = """\
#!/bin/sh
# Runs once, as root, when the image is built.
set -e
apt-get update
PYTHON=python3
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    apt-get install -y python3.11 python3.11-venv
    PYTHON=python3.11
else
    apt-get install -y python3-venv
fi
$PYTHON -m venv /opt/bpdoctor
/opt/bpdoctor/bin/pip install --no-cache-dir 'click>=8.1' 'numpy>=1.26' 'scipy>=1.11' 'rich>=13'
"""
_RUN = """\
#!/bin/sh
# Grades one submission; always writes a result.
ROOT="${{BPDOCTOR_ROOT:-{root}}}"
HERE="$ROOT/{source}"
PYTHON="${{BPDOCTOR_PYTHON:-/opt/bpdoctor/bin/python}}"
cd "$HERE" && PYTHONPATH="$HERE" exec "$PYTHON" -m bpdoctor grade autograde {platform} --root "$ROOT"
"""
PLATFORMS = {
    "gradescope": ("/autograder", "source", "submission", "run_autograder"),
    "prairielearn": ("/grade", "serverFilesCourse/bpdoctor", "student", "run.sh"),
}
"""Root, the folder of the autograder's files, the folder of the submission, the script that is started."""


def package(assignment: Assignment, platform: str, target: Path) -> None:
    """Write the zip."""
    root, source, _, script = PLATFORMS[platform]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "setup.sh", _SETUP.encode(), 0o755)
        _add(archive, script, _RUN.format(root=root, source=source, platform=platform).encode(), 0o755)
        _add(archive, "assignment.toml", assignment.path.read_bytes())
        for file in assignment.files[1:]:
            _add(archive, file.name, file.read_bytes())
        for name, content in _sources():
            _add(archive, name, content)


def _sources() -> Iterator[tuple[str, bytes]]:
    base = Path(bpdoctor.__file__).parent
    for path in sorted(base.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and "_cases" not in path.parts:
            yield f"bpdoctor/{path.relative_to(base).as_posix()}", path.read_bytes()


def _add(archive: zipfile.ZipFile, name: str, content: bytes, mode: int = 0o644) -> None:
    info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))  # the same content gives the same zip
    info.external_attr = (0o100000 | mode) << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, content)


def autograde(assignment: Assignment, platform: str, root: Path, settings: Settings) -> Grade:
    """Grade the submission that the platform put under `root` and write the result where it looks for it."""
    _, _, submission, _ = PLATFORMS[platform]
    _close(assignment)
    host = hosted(0, settings)
    try:
        grade = Grader(assignment, host).grade(one(root / submission, assignment.entry))
        rung = host.rung
    finally:
        host.close()
    if platform == "gradescope":
        told = gradescope.gradescope(grade, assignment.hints, rung)
    else:
        told = gradescope.prairielearn(grade, assignment.hints)
    put(root / "results" / "results.json", json.dumps(told, indent=1) + "\n")
    return grade


def _close(assignment: Assignment) -> None:
    """Keep what is secret for root: a platform's container may not have Landlock."""
    if os.name == "posix" and os.getuid() == 0:
        for file in assignment.files:
            with contextlib.suppress(OSError):
                file.chmod(0o600)


def unpack(archive: Path, target: Path) -> None:
    """Unpack an autograder as a platform does, with its modes."""
    shutil.unpack_archive(archive, target)
    for name in ("setup.sh", "run_autograder", "run.sh"):
        if (target / name).exists():
            (target / name).chmod(0o755)
