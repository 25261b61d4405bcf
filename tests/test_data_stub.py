"""Data that is not there: what the code tells of it is made up, what it does not tell is not guessed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bpdoctor.model.report import Report
from bpdoctor.model.stub import Stub
from bpdoctor.observe.absent import Absent
from bpdoctor.observe.known import known_bytes
from bpdoctor.observe.synthetic import array, table
from bpdoctor.pipeline.check import check_path
from bpdoctor.pipeline.options import Options
from bpdoctor.syntax.declared import declared

# Each reads its data in its own way; SLOPE is the derivative of the hidden tanh.
LAYERS = """
rng = np.random.default_rng(3)
V, c = rng.normal(size=(X.shape[1], 5)) * 0.4, np.zeros(5)
w, b = rng.normal(size=(5, 1)) * 0.4, np.zeros(1)
for _ in range(60):
    h = np.tanh(X @ V + c)
    o = h @ w + b
    loss = np.mean((o - y) ** 2)
    e = 2 * (o - y) / len(X)
    d = (e @ w.T) * SLOPE
    w -= 0.1 * h.T @ e
    b -= 0.1 * e.sum(axis=0)
    V -= 0.1 * X.T @ d
    c -= 0.1 * d.sum(axis=0)
"""
PROGRAMS = {
    "a table whose last column is the target": (
        "import numpy as np\ntable = np.loadtxt('flowers.tsv')\nX, y = table[:, :-1], table[:, -1:]\n" + LAYERS
    ),
    "a table of seven columns with a head": (
        "import numpy as np\ntable = np.genfromtxt('flowers.csv', delimiter=',', skip_header=1)\n"
        "X, y = table[:, 0:6], table[:, 6].reshape(-1, 1)\n" + LAYERS
    ),
    "two arrays whose shapes a comment gives": (
        "import numpy as np\nX = np.load('X_train.npy')  # (120, 9)\ny = np.load('y_train.npy').reshape(120, 1)\n"
        "assert X.shape == (120, 9)\n" + LAYERS
    ),
    "pictures in an archive": (
        "import numpy as np\nwith np.load('pictures.npz') as held:\n    X, y = held['pixels'] / 255, held['kind']\n"
        "X = X.reshape(-1, 8 * 8)\nassert X.shape[1] == 64 and len(X) == len(y)\ny = y.reshape(-1, 1)\n" + LAYERS
    ),
    "matrices of another program": (
        "import numpy as np\nfrom scipy.io import loadmat\nheld = loadmat('points.mat')\nX, y = held['X'], held['y']\n"
        "bias = np.ones((len(X), 1))\nX = np.hstack([bias, X])\nassert X.shape[1] == 21\n" + LAYERS
    ),
    "lines that are taken apart": (
        "import numpy as np\nrows = []\nfor line in open('points.csv'):\n"
        "    rows.append([float(part) for part in line.split(',')])\n"
        "X, y = np.array(rows)[:, :4], np.array(rows)[:, 4:]\n" + LAYERS
    ),
}
RIGHT, WRONG = "(1 - h ** 2)", "(1 - h)"
JSON = "import json\nsizes = json.load(open('sizes.json'))\n"


def check(folder: Path, text: str, *, data_stub: bool = True) -> Report:
    path = folder / "net.py"
    path.write_text(text)
    return check_path(str(path), Options(fix=False, data_stub=data_stub))


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_fault_is_found_on_made_up_data(name: str, tmp_path: Path) -> None:
    report = check(tmp_path, PROGRAMS[name].replace("SLOPE", WRONG))
    assert [(f.rule, f.severity) for f in report.findings] == [("wrong-activation-derivative", "error")]
    assert any("is not there; synthetic data stands for it" in text for text in report.assumptions)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_right_program_is_healthy_on_made_up_data(name: str, tmp_path: Path) -> None:
    report = check(tmp_path, PROGRAMS[name].replace("SLOPE", RIGHT))
    assert (report.verdict, report.findings) == ("healthy", ())


def test_nothing_is_made_up_unasked(tmp_path: Path) -> None:
    report = check(tmp_path, next(iter(PROGRAMS.values())).replace("SLOPE", RIGHT), data_stub=False)
    assert report.verdict == "inconclusive"
    assert "`flowers.tsv`, and there is no such file" in report.reason
    assert "--data-stub" in report.reason


def test_what_the_code_does_not_tell_is_not_guessed(tmp_path: Path) -> None:
    report = check(tmp_path, JSON)
    assert report.verdict == "inconclusive"
    assert "the code does not tell what is in it" in report.reason
    assert report.reason_at is not None and report.reason_at.span.line == 2


def test_data_that_is_there_is_read(tmp_path: Path) -> None:
    np.savetxt(tmp_path / "flowers.tsv", np.random.default_rng(0).normal(size=(30, 4)))
    text = next(iter(PROGRAMS.values())).replace("flowers.tsv", str(tmp_path / "flowers.tsv"))
    report = check(tmp_path, text.replace("SLOPE", RIGHT))
    assert {p.name: p.shape for p in report.subject.parameters}["V"] == (3, 5)
    assert not any("synthetic" in text for text in report.assumptions)


def test_loaders_are_put_back() -> None:
    before = (np.load, np.loadtxt, np.genfromtxt, open)
    with Absent((), "").at_hand():
        assert np.load is not before[0]
    assert before == (np.load, np.loadtxt, np.genfromtxt, open)


def test_labels_in_one_file_belong_to_the_numbers_in_another() -> None:
    numbers, labels = array(Stub("X.npy", (200, 12))), array(Stub("y.npy", (200,), classes=3))
    table = np.column_stack([numbers, np.ones(200)])
    fitted = table @ np.linalg.lstsq(table, np.eye(3)[labels.astype(int)], rcond=None)[0]
    assert np.mean(fitted.argmax(axis=1) == labels) > 0.75


def test_a_table_reads_as_its_array() -> None:
    stub = Stub("t.csv", (20, 4), classes=2, label=3, top=255.0)
    read = np.loadtxt(table(stub, ";").splitlines(), delimiter=";")
    assert np.array_equal(read, array(stub))
    assert set(read[:, 3]) == {0.0, 1.0}


def test_well_known_files_have_their_layout() -> None:
    images = known_bytes("data/train-images-idx3-ubyte")
    assert images is not None
    assert np.frombuffer(images.data[:16], ">i4").tolist() == [2051, 1000, 28, 28]
    assert len(images.data) == 16 + 1000 * 784
    assert known_bytes("mine.csv") is None


def test_sizes_that_a_program_names() -> None:
    known = declared("x = f('a')  # (50, 8 ) \ny = x[:40, 2:5] / 255\nz = y.reshape(-1, 3, 7 * 2)\n")
    assert known.shapes[0] == (8,)
    assert (3, 14) in known.shapes
    assert (known.behind, known.top, known.rows[0]) == (5, 255.0, 50)
