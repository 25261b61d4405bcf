"""Files in old encodings, with tabs, for old NumPy, in packages, with arguments, without their data."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.load import Source, load, reread, save
from tests.load.programs import DATA, GUILTY, HEALTHY, NET, SICK_TRAIN, TRAIN, examined, line_of, placed


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


COMMENT = "# días después\n"
ENCODED = {
    "latin-1 with a coding line": ("# coding: latin-1\n" + COMMENT + HEALTHY).encode("latin-1"),
    "latin-1 without": (COMMENT + HEALTHY).encode("latin-1"),
    "byte order mark": b"\xef\xbb\xbf" + (COMMENT + HEALTHY).encode(),
    "windows": (COMMENT + HEALTHY).replace("\n", "\r\n").encode(),
    "old macintosh": (COMMENT + HEALTHY).replace("\n", "\r").encode(),
    "utf-16": (COMMENT + HEALTHY).encode("utf-16"),
    "form feed": (COMMENT + HEALTHY).replace("def sigmoid", "\f\ndef sigmoid").encode(),
}


@pytest.mark.parametrize("name", ENCODED)
def test_encodings(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "net.py", ENCODED[name])
    report = examined(path, monkeypatch)
    assert report.verdict == "healthy", report.reason
    assert any("read as Latin-1" in text for text in report.assumptions) == (name == "latin-1 without")


@pytest.mark.parametrize("name", ENCODED)
def test_saving_keeps_the_encoding(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / "net.py", ENCODED[name])
    source = load(str(path))
    assert isinstance(source, Source)
    save(source)
    assert path.read_bytes() == ENCODED[name]
    edited = reread(source, source.written.replace("range(60)", "range(61)"))
    assert isinstance(edited, Source)
    save(edited)
    assert len(path.read_bytes()) == len(ENCODED[name]) and path.read_bytes() != ENCODED[name]


def test_a_line_after_a_form_feed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = DATA + NET.replace("def sigmoid", "\f\ndef sigmoid") + SICK_TRAIN
    report = examined(write(tmp_path / "net.py", text), monkeypatch)
    assert [line for _, _, line in placed(report)] == [line_of(text, GUILTY)]


def test_tabs_mixed_with_spaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        DATA
        + NET
        + SICK_TRAIN.replace("    ", "        ").replace("        d1", "\td1").replace("        h =", "\th =")
    )
    report = examined(write(tmp_path / "net.py", text), monkeypatch)
    (finding,) = report.findings
    assert finding.primary is not None
    span = finding.primary.span
    assert text.split("\n")[span.line - 1][span.column - 1 : span.end_column - 1] == "d2.dot(W2.T)"
    assert any("mixes tabs and spaces" in text for text in report.assumptions)


OLD = HEALTHY.replace("* 1.0", "* np.float(1)").replace("np.mean(", "np.product([1.0]) * np.mean(")


def test_names_that_numpy_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = "from numpy import in1d\nimport time\ntime.clock()\nget_ipython().run_line_magic('a', 'b')\n"
    report = examined(write(tmp_path / "net.py", OLD + more), monkeypatch)
    assert report.verdict == "healthy", report.reason
    for name in ("np.float", "np.product", "np.in1d"):
        assert f"`{name}` no longer exists and was supplied" in report.assumptions


def test_names_that_never_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = examined(write(tmp_path / "net.py", "import numpy as np\nnp.flote(3)\n"), monkeypatch)
    assert "flote" in report.reason


NUMBERS = HEALTHY.replace("loss = np.mean((p - Y) ** 2)", "loss = float(((p - Y) ** 2).mean(axis=0, keepdims=True))")


def test_an_array_of_one_element_is_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = NUMBERS + "    print('%.3f %d' % (np.ones((1, 1)), np.ones(1)))\n"
    report = examined(write(tmp_path / "net.py", text), monkeypatch)
    assert report.verdict == "healthy", report.reason
    assert report.subject.loss is not None and not report.subject.loss.inferred
    assert any("arrays of one element" in text for text in report.assumptions)


def test_arguments_that_are_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--rate', type=float, required=True)\n"
        "rate = p.parse_args().rate\n" + HEALTHY.replace("0.5", "rate")
    )
    path = write(tmp_path / "net.py", text)
    report = examined(path, monkeypatch)
    assert report.verdict == "inconclusive" and "required: --rate" in report.reason and "--args" in report.reason
    assert report.reason_at is not None and report.reason_at.span.line == 4
    assert examined(path, monkeypatch, args=("--rate", "0.5")).verdict == "healthy"


def test_arguments_that_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "net.py", "import sys\nrate = float(sys.argv[1])\n" + HEALTHY.replace("0.5", "rate"))
    report = examined(path, monkeypatch)
    assert "sys.argv" in report.reason and report.reason_at is not None and report.reason_at.span.line == 2
    assert examined(path, monkeypatch, args=("0.5",)).verdict == "healthy"


@pytest.mark.parametrize(
    "read", ["np.loadtxt('data/x.csv')", "open('data/x.csv')", "np.load('data/x.csv')", "np.genfromtxt('data/x.csv')"]
)
def test_missing_data(read: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = examined(write(tmp_path / "net.py", f"import numpy as np\nX = {read}\n"), monkeypatch)
    assert report.reason.startswith("the program reads `data/x.csv`, and there is no such file; ")
    assert report.reason_at is not None and report.reason_at.span.line == 2


TRAINING = "from {}layers import sigmoid\n" + DATA + NET.partition("def")[0]


@pytest.mark.parametrize("dots", [".", ".parts.", "pkg.", "pkg.parts.", ""])
@pytest.mark.parametrize("initial", [True, False])
def test_packages(dots: str, initial: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative imports, absolute ones of the package, and of what stands beside the file."""
    layers = "import numpy as np\ndef sigmoid" + NET.partition("def sigmoid")[2]
    folder = tmp_path / "pkg"
    write(folder / ("parts/layers.py" if "parts" in dots else "layers.py"), layers)
    if initial:
        write(folder / "__init__.py", "")
        write(folder / "parts/__init__.py", "")
    write(folder / "train.py", TRAINING.format(dots) + SICK_TRAIN)
    monkeypatch.chdir(tmp_path)
    report = examined(folder / "train.py", monkeypatch) if initial else None
    if report is None:
        monkeypatch.chdir(tmp_path)
        from bpdoctor.pipeline import Options, check_path

        report = check_path("pkg/train.py", Options(fix=False))
    assert [rule for rule, _, _ in placed(report)] == ["missing-activation-derivative"], report.reason


def test_a_fault_in_a_module_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named as one would type it, its own dialect translated, and mended there."""
    step = SICK_TRAIN.replace("for step in range(60):", "def step(X, Y, W1, W2):\n    print 'step'")
    module = "import numpy as np\n" + NET.partition("W2")[2].partition("\n")[2] + step
    write(tmp_path / "net.py", module)
    main = DATA + NET.partition("def")[0] + "from net import step\nfor i in range(60):\n    step(X, Y, W1, W2)\n"
    report = examined(write(tmp_path / "main.py", main), monkeypatch)
    assert placed(report) == [("missing-activation-derivative", "net.py", line_of(module, GUILTY))]
    assert any(text.startswith("net.py: the file is Python 2") for text in report.assumptions)


def test_train_is_used() -> None:
    """The parts make the whole."""
    assert HEALTHY == DATA + NET + TRAIN
