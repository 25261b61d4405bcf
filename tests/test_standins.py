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


MISSING = """
import no_such_one, no_such_two.inner as two
from no_such_three import use
try:
    import no_such_four
    out = 1
except ImportError:
    out = 2
import importlib.util
if importlib.util.find_spec("no_such_five"):
    out = 3
def never():
    return no_such_one.read(two.path, use(out))
"""


def test_what_is_not_installed_and_not_used_does_not_stop_a_program(tmp_path: Path) -> None:
    text = MISSING + "from sys import modules\nout = out, sorted(n for n in modules if n.startswith('no_such'))\n"
    loaded = ["no_such_one", "no_such_three", "no_such_two", "no_such_two.inner"]
    assert apart(tmp_path, text) == f"[] (2, {loaded})"


def test_its_first_use_does(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    for use in ("no_such_one.x", "use(1)", "use + 1", "two.f()", "from no_such_six import *"):
        path.write_text(MISSING + use + "\n", encoding="utf-8")
        source = load(str(path))
        assert isinstance(source, Source)
        session = Session(str(path), UNLIMITED)
        error = session.run(source).error
        assert isinstance(error, ModuleNotFoundError), (use, error)
        assert error.name is not None and error.name not in session.standins.unused
        assert len(session.standins.unused) == 2 + use.startswith("from")
