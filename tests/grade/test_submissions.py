"""Submissions as students hand them in: files, folders, notebooks, zips with everything in them."""

from __future__ import annotations

import io
import json
import os
import stat
import time
import zipfile
from pathlib import Path

import pytest

from bpdoctor.grade import folders
from bpdoctor.grade.submissions import Submission, collect

SOURCE = b"x = 1\n"


def zipped(files: dict[str, bytes], modes: dict[str, int] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (modes or {}).get(name, 0o100644) << 16
            archive.writestr(info, content)
    return out.getvalue()


def only(folder: Path) -> Submission:
    [found] = collect(folder, "solution.py")
    return found


def handed(tmp_path: Path, name: str, content: bytes) -> Submission:
    (tmp_path / name).write_bytes(content)
    return only(tmp_path)


def test_a_file_is_called_as_it_likes(tmp_path: Path) -> None:
    found = handed(tmp_path, "Ünïcode name (1).py", SOURCE)
    assert (found.student, dict(found.files)) == ("Ünïcode name (1)", {"solution.py": SOURCE})


def test_a_folder_with_several_files(tmp_path: Path) -> None:
    for name in ("solution.py", "layers.py", "data/points.csv", ".DS_Store", "__pycache__/solution.pyc"):
        (tmp_path / "anna" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "anna" / name).write_bytes(SOURCE)
    assert set(only(tmp_path).files) == {"solution.py", "layers.py", "data/points.csv"}


def test_a_nested_folder_becomes_the_root(tmp_path: Path) -> None:
    found = handed(
        tmp_path, "a.zip", zipped({"hw/my work/Solution.PY": SOURCE, "hw/my work/help.py": b"", "__MACOSX/x": b""})
    )
    assert set(found.files) == {"solution.py", "help.py"}


def test_a_notebook(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": "text"},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "import numpy as np\n", "!pip install x"]},
        {"cell_type": "code", "source": "%%time\ny = 2"},
        {"cell_type": "code", "source": "%%bash\nrm -rf /"},
    ]
    found = handed(tmp_path, "book.ipynb", json.dumps({"cells": cells}).encode())
    scope: dict[str, object] = {}
    exec(found.files["solution.py"], scope)
    assert scope["y"] == 2
    assert b"rm -rf" not in found.files["solution.py"]


@pytest.mark.parametrize("name", ["../../evil.py", "/etc/evil.py", "..\\evil.py", "C:\\evil.py", "a/../../evil.py"])
def test_paths_that_lead_elsewhere(name: str, tmp_path: Path) -> None:
    found = handed(tmp_path, "a.zip", zipped({"solution.py": SOURCE, name: b"evil"}))
    assert set(found.files) == {"solution.py"}
    assert any("leads out" in flag for flag in found.flags)


def test_links_in_a_zip(tmp_path: Path) -> None:
    files = {"solution.py": SOURCE, "link.py": b"/etc/passwd"}
    found = handed(tmp_path, "a.zip", zipped(files, {"link.py": stat.S_IFLNK | 0o777}))
    assert set(found.files) == {"solution.py"}


def test_links_in_a_folder(tmp_path: Path) -> None:
    secret = tmp_path / "secret.py"
    secret.write_bytes(b"secret")
    (tmp_path / "s" / "a").mkdir(parents=True)
    os.symlink(secret, tmp_path / "s" / "a" / "solution.py")
    os.symlink(tmp_path, tmp_path / "s" / "a" / "up")
    os.symlink(secret, tmp_path / "s" / "b.py")
    os.symlink(tmp_path / "s", tmp_path / "s" / "a" / "loop")
    found = collect(tmp_path / "s", "solution.py")
    assert [f.student for f in found] == ["a", "b"]
    assert all(f.problem and not f.files for f in found)


def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "solution.py").write_bytes(SOURCE)
    os.mkfifo(tmp_path / "a" / "data.csv")
    assert set(only(tmp_path).files) == {"solution.py"}


def test_a_bomb(tmp_path: Path) -> None:
    """A gigabyte of zeros in a megabyte: not unpacked, the rest is graded."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("solution.py", SOURCE)
        with archive.open("zeros.bin", "w", force_zip64=True) as stream:
            for _ in range(100):
                stream.write(bytes(10**7))
    found = handed(tmp_path, "a.zip", out.getvalue())
    assert set(found.files) == {"solution.py"}


def test_a_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    data = zipped({"solution.py": SOURCE, "z.bin": bytes(50_000_000)})
    size = (50_000_000).to_bytes(4, "little")
    found = handed(tmp_path, "a.zip", data.replace(size, (100).to_bytes(4, "little")))
    assert sum(map(len, found.files.values())) < 5_000_000


def test_a_hundred_megabytes_of_junk(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "solution.py").write_bytes(SOURCE)
    with open(tmp_path / "a" / "junk.bin", "wb") as stream:
        stream.truncate(100 << 20)
    found = only(tmp_path)
    assert set(found.files) == {"solution.py"}
    assert found.flags


@pytest.mark.parametrize(
    "content, problem",
    [
        (b"PK\x03\x04 broken", "cannot be read"),
        (b"", "cannot be read"),
        (zipped({}), "no program"),
        (zipped({"a.py": b"", "b.py": b""}), "several programs"),
        (zipped({"book.ipynb": b"{"}), "notebook"),
        (zipped({"book.ipynb": b"[" * 100_000}), "notebook"),
    ],
)
def test_what_cannot_be_graded_says_why(content: bytes, problem: str, tmp_path: Path) -> None:
    assert problem in handed(tmp_path, "a.zip", content).problem


@pytest.mark.parametrize(
    "content",
    [
        "x = 'é'\n".encode("cp1252"),
        "x = 'é'\n".encode("utf-16"),
        "\ufeffx = 'é'\n".encode(),
        "x = 'é'\r\n".encode("cp1252"),
    ],
)
def test_a_wrong_encoding_is_no_fault(content: bytes, tmp_path: Path) -> None:
    found = handed(tmp_path, "a.py", content)
    scope: dict[str, object] = {}
    exec(found.files["solution.py"], scope)
    assert scope["x"] == "é"


def test_a_class_in_one_zip(tmp_path: Path) -> None:
    inner = zipped({"solution.py": SOURCE + b"# c\n"})
    files = {"export/anna/solution.py": SOURCE, "export/ben.py": SOURCE, "export/carl.zip": inner}
    (tmp_path / "class.zip").write_bytes(zipped(files))
    found = collect(tmp_path / "class.zip", "solution.py")
    assert [f.student for f in found] == ["anna", "ben", "carl"]
    assert found[0].digest == found[1].digest != found[2].digest


def test_two_of_one_name_stay_two(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(SOURCE)
    (tmp_path / "a.zip").write_bytes(zipped({"solution.py": SOURCE}))
    assert len({f.student for f in collect(tmp_path, "solution.py")}) == 2


def test_a_large_class_in_one_zip(tmp_path: Path) -> None:
    """What bounds one submission does not bound a class."""
    names = [f"s{number}" for number in range(700)]
    files = {f"{name}/{file}": SOURCE for name in names for file in ("solution.py", "notes.txt")}
    big = {f"{name}/data.csv": bytes(200_000) for name in names[:120]}
    (tmp_path / "class.zip").write_bytes(zipped(files | big))
    found = collect(tmp_path / "class.zip", "solution.py")
    assert sorted(f.student for f in found) == sorted(names)
    assert not any(f.problem or f.flags for f in found)


def test_nobody_is_overlooked(tmp_path: Path) -> None:
    for name in ("a.rar", "b.pdf", "submission_metadata.yml", "grades.csv"):
        (tmp_path / name).write_bytes(b"x")
    assert [(f.student, bool(f.problem)) for f in collect(tmp_path, "solution.py")] == [("a", True), ("b", True)]


def test_a_name_that_is_no_text_and_a_file_that_is_a_folder_too(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "anna")
    os.mkdir(folder)
    for name in (b"solution.py", b"h\xff.py"):
        with open(os.path.join(folder, name), "w") as stream:
            stream.write("x = 1\n")
    with zipfile.ZipFile(tmp_path / "ben.zip", "w") as packed:
        for name in ("solution.py", "a", "a/b.py", "solution.py/c.py"):
            packed.writestr(name, "x = 1\n")
    os.mkfifo(tmp_path / "cleo.py")
    anna, ben, cleo = collect(tmp_path, "solution.py")
    assert set(anna.files) == {"solution.py"} and len(anna.flags) == 1
    assert set(ben.files) == {"solution.py", "a"} and len(ben.flags) == 2
    assert cleo.problem == "no regular file"


@pytest.mark.parametrize("content", [b"x = 1\n" * 600_000, b"# coding: punycode\n" + b"a-" * 10**6, b"(" * 10**6])
def test_nobody_is_parsed_outside_of_the_child(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "anna.py").write_bytes(content)
    started = time.process_time()
    (found,) = collect(tmp_path, "solution.py")
    assert found.files["solution.py"] == content
    assert time.process_time() - started < 2


def test_folders_of_any_depth_are_removed(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    top = tmp_path / "top"
    top.mkdir()
    here = os.open(top, os.O_RDONLY)
    os.symlink(tmp_path, "link", dir_fd=here)
    for _ in range(3000):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.mkdir("closed", 0, dir_fd=here)
    os.close(here)
    assert folders.weight(str(top)) == folders.TOO_MUCH
    folders.remove(str(top))
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize(
    "line, program",
    [
        ("np.maximum?", "pass"),
        ("files = !ls", "files = None"),
        ("t = %timeit -o 3", "t = None"),
        ("    %matplotlib inline", "    pass"),
        ("y = x  # why?", "y = x  # why?"),
    ],
)
def test_magics_of_a_cell(tmp_path: Path, line: str, program: str) -> None:
    cells = [{"cell_type": "code", "source": f"if True:\n    x = 1\n{line}\n"}]
    found = handed(tmp_path, "a.ipynb", json.dumps({"cells": cells}).encode())
    assert program in dict(found.files)["solution.py"].decode().splitlines()


def test_a_cell_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "source": text} for text in ("x = 1", "y = = 2", "z = 3")]
    found = handed(tmp_path, "a.ipynb", json.dumps({"cells": cells}).encode())
    program = dict(found.files)["solution.py"].decode()
    assert "y = =" not in program
    assert "z = 3" in program
    assert program.rstrip().splitlines()[-1].startswith("raise SyntaxError('code cell 2")
