"""Find the submissions in a folder, a zip or an export, whatever they look like."""

from __future__ import annotations

import hashlib
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import field
from io import BytesIO
from pathlib import Path

from bpdoctor.grade import archive, notebook
from bpdoctor.model.record import record


@record
class Submission:
    """What one student handed in. `problem` says why it cannot be graded."""

    student: str
    entry: str
    files: Mapping[str, bytes] = field(repr=False)
    digest: str
    problem: str = ""
    flags: tuple[str, ...] = ()


def collect(path: str | Path, entry: str) -> list[Submission]:
    """Return the submissions under `path`, by student.

    Parameters
    ----------
    path : str or Path
        A folder or zip with one entry for each student (file, folder or zip), or one single file.
    entry : str
        The file that the assignment names.
    """
    path = Path(path)
    if path.is_dir():
        found = list(_in_folder(path, entry))
    elif path.suffix.lower() == ".zip":
        found = list(_in_zip(path, entry))
    else:
        found = [_file(path.stem, path.name, path.read_bytes(), entry)]
    return sorted(_renamed(found), key=lambda s: s.student)


def one(path: Path, entry: str, student: str = "submission") -> Submission:
    """Return the submission that a folder or file is, as a whole."""
    if path.is_dir():
        return _chosen(student, archive.folder(path), entry)
    return _file(student, path.name, path.read_bytes(), entry)


def _in_folder(path: Path, entry: str) -> Iterator[Submission]:
    for child in sorted(path.iterdir()):
        if archive.ignored(child.name):
            continue
        if child.is_symlink():
            yield _bad(_stem(child.name), "a symbolic link, which is not followed")
        elif child.is_dir():
            yield _chosen(child.name, archive.folder(child), entry)
        elif child.suffix.lower() in _PACKED:
            yield _packed(_stem(child.name), child, entry)
        elif child.suffix.lower() in _OTHER:
            yield _mistaken(child.name)


_PACKED = (".py", ".ipynb", ".zip")
_OTHER = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".pdf", ".doc", ".docx", ".txt", ".html", ".m", ".r")
"""What students hand in by mistake: named, so that nobody is overlooked. Tables and metadata are no submissions."""


def _mistaken(name: str) -> Submission:
    return _bad(_stem(name), f"a {name[name.rfind('.') :].lower()} file, which is no program that can be run")


def _packed(student: str, path: Path, entry: str) -> Submission:
    if not path.is_file():
        return _bad(student, "no regular file")
    if path.suffix.lower() == ".zip":
        return _zipped(student, path, entry)
    if path.stat().st_size > archive.TOTAL_LIMIT:
        return _bad(student, "a file that is too large")
    try:
        return _file(student, path.name, path.read_bytes(), entry)
    except OSError as problem:
        return _bad(student, f"a file that cannot be read: {problem.strerror}")


def _zipped(student: str, content: bytes | Path, entry: str) -> Submission:
    try:
        return _chosen(student, archive.unzip(content), entry)
    except ValueError as problem:
        return _bad(student, str(problem))


def _in_zip(path: Path, entry: str) -> Iterator[Submission]:
    """A zip of a class: the top level is the students, below a folder that holds everything if there is one."""
    contents = archive.unzip(path, whole_class=True)
    names = list(contents.files)
    tops = {n.split("/")[0] for n in names}
    strip = len(tops) == 1 and all(n.count("/") >= 1 for n in names) and f"{next(iter(tops))}/{entry}" not in names
    groups: dict[str, archive.Contents] = {}
    for name, content in contents.files.items():
        inner = name.partition("/")[2] if strip else name
        top, _, rest = inner.partition("/")
        alone = archive.Contents(file=archive.TOTAL_LIMIT)
        groups.setdefault(top, alone).add(rest or top, content)
    for top, group in groups.items():
        name, content = next(iter(group.files.items()), ("", b""))
        if len(group.files) == 1 and name == top:
            if top.lower().endswith((".py", ".ipynb", ".zip")):
                yield _file(_stem(top), top, content, entry)
            elif top.lower().endswith(_OTHER):
                yield _mistaken(top)
        else:
            yield _chosen(top, group, entry)


def _file(student: str, name: str, content: bytes, entry: str) -> Submission:
    if name.lower().endswith(".zip"):
        return _zipped(student, content, entry)
    contents = archive.Contents()
    contents.add(name, content)
    return _chosen(student, contents, entry)


def _chosen(student: str, contents: archive.Contents, entry: str) -> Submission:
    """Choose the entry file: by its name, the outermost; else the only program there is."""
    programs = [n for n in contents.files if n.lower().endswith((".py", ".ipynb"))]
    named = [n for n in programs if n.rpartition("/")[2].lower() == entry.lower()]
    books = [n for n in programs if n.lower().endswith(".ipynb")]
    plain = [n for n in programs if n.lower().endswith(".py")]
    options = named or (plain if len(plain) == 1 else []) or (books if len(books) == 1 and not plain else [])
    if not options:
        told = "no program" if not programs else f"several programs and none is called `{entry}`"
        return _bad(student, f"{told} in the submission", contents)
    chosen = min(options, key=lambda n: (n.count("/"), n))
    root = chosen.rpartition("/")[0]
    below = f"{root}/" if root else ""
    files = {n.removeprefix(below): c for n, c in contents.files.items() if n.startswith(below)}
    flags = list(contents.flags)
    try:
        source = files.pop(chosen.removeprefix(below))
        source = notebook.program(source) if chosen.lower().endswith(".ipynb") else source
        files[entry] = _readable(source, flags)
    except ValueError as problem:
        return _bad(student, str(problem), contents)
    flags += _suspicious(files[entry])
    return Submission(student, entry, files, _digest(files), flags=tuple(flags))


def _readable(source: bytes, flags: list[str]) -> bytes:
    """Return the source as Python can read it: a wrong encoding is not the student's grade.

    It is only decoded here. To parse what somebody else wrote can take minutes and gigabytes.
    """
    if _is_readable(source):
        return source
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        if encoding == "utf-16" and not source.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            text = source.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "utf-8-sig":
            flags.append(f"read as {encoding}")
        return text.replace("\r\n", "\n").encode()
    return source


def _is_readable(source: bytes) -> bool:
    """Say whether Python can decode it. Another encoding that it names itself is Python's affair, not ours."""
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(source).readline)
        return not encoding.startswith("utf-8") or "\0" not in source.decode(encoding)
    except (SyntaxError, UnicodeDecodeError):
        return False


_TELLING = ("bpdoctor", "_getframe", "ctypes", "get_objects", "get_referrers", "_exit", "/proc", "socket", "ptrace")


def _suspicious(source: bytes) -> list[str]:
    """Words that a solution has no use for. They cost nothing; a person may want to look."""
    text = source.decode("utf-8", "replace")
    found = [word for word in _TELLING if word in text]
    return [f"mentions {', '.join(found)}"] if found else []


def _digest(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(content).digest())
    return digest.hexdigest()


def _bad(student: str, problem: str, contents: archive.Contents | None = None) -> Submission:
    flags = tuple(contents.flags) if contents else ()
    return Submission(student, "", {}, hashlib.sha256(problem.encode()).hexdigest(), problem, flags)


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name


def _renamed(found: list[Submission]) -> Iterator[Submission]:
    """Two students of one name (`a.py` and `a.zip`) stay two."""
    seen: dict[str, int] = {}
    for s in found:
        student = "".join(c if c.isprintable() else "?" for c in s.student) or "unnamed"
        number = seen[student] = seen.get(student, 0) + 1
        student = student if number == 1 else f"{student} ({number})"
        yield Submission(student, s.entry, s.files, s.digest, s.problem, s.flags)
