"""What only draws is inert for the program, and a library that can do without a module is told that it is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bpdoctor.load import load
from bpdoctor.model.source import Source
from bpdoctor.observe.loops import UNLIMITED
from bpdoctor.observe.program import Session


def ran(folder: Path, text: str) -> dict[str, object]:
    """What a program that draws leaves behind."""
    path = folder / "program.py"
    path.write_text(text, encoding="utf-8")
    source = load(str(path))
    assert isinstance(source, Source)
    session = Session(str(path), UNLIMITED)
    outcome = session.run(source)
    assert outcome.error is None, outcome.error
    return {"supplied": session.standins.supplied, **session.namespace}


def apart(folder: Path, text: str) -> str:
    """The same in a process of its own: imports last."""
    body = f"from pathlib import Path\nfrom {__name__} import ran\nout = ran(Path({str(folder)!r}), {text!r})\n"
    root = Path(__file__).resolve().parents[1]
    command = [sys.executable, "-c", body + "print(out['supplied'], out.get('out'))"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_class_may_derive_from_what_is_inert(tmp_path: Path) -> None:
    text = """
import matplotlib.pyplot as plt
from mpl_toolkits.mplot3d import Axes3D
class Plot(plt.Figure): pass
class Table(dict, plt.Figure, Axes3D):
    def __init__(self): super().__init__(a=1.5)
out = Table()["a"]; Plot("x", 3).draw()
"""
    assert apart(tmp_path, text) == "[] 1.5"


def test_a_program_that_lacks_a_progress_bar_gets_one(tmp_path: Path) -> None:
    assert apart(tmp_path, "import pyfiglet\nout = 1\n") == "['pyfiglet'] 1"


def test_a_library_is_told_the_truth(tmp_path: Path) -> None:
    library = tmp_path / "site-packages"
    library.mkdir()
    (library / "chatty.py").write_text("try:\n    import pyfiglet as found\nexcept ImportError:\n    found = None\n")
    text = f"import sys\nsys.path.append({str(library)!r})\nfrom chatty import found as out\n"
    assert apart(tmp_path, text) == "[] None"
