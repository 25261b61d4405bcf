"""Edits of whole statements keep what stands around them."""

from __future__ import annotations

import ast

import pytest

from bpdoctor.fix.missing import renamed
from bpdoctor.fix.remedies import Trouble, changes
from bpdoctor.fix.settings import origins, scaled
from bpdoctor.fix.text import Text
from bpdoctor.model.source import Edit
from bpdoctor.syntax.edits import apply

PROGRAM = """\
def f(x):  # why
    a = 1; b = 2
    if x:
        c = a + b  # kept
    für = [
        c,
    ]
    return für
"""


def statement(text: Text, line: int, which: int = 0) -> ast.stmt:
    found = [n for n in ast.walk(text.tree) if isinstance(n, ast.stmt) and n.lineno == line]
    return sorted(found, key=lambda n: n.col_offset)[which]


def changed(*edits: Edit) -> list[str]:
    return apply(PROGRAM, edits).split("\n")


@pytest.fixture
def text() -> Text:
    return Text("p.py", PROGRAM)


def test_after_a_comment(text: Text) -> None:
    assert changed(text.after(statement(text, 4), "d = c"))[3:5] == ["        c = a + b  # kept", "        d = c"]


def test_after_one_of_two_on_a_line(text: Text) -> None:
    assert changed(text.after(statement(text, 2), "z = 0"))[1] == "    a = 1; z = 0; b = 2"


def test_before_a_statement_of_many_lines(text: Text) -> None:
    lines = changed(text.before(statement(text, 5), "d = 0"))
    assert lines[4:6] == ["    d = 0", "    für = ["]


def test_before_the_second_on_a_line(text: Text) -> None:
    assert changed(text.before(statement(text, 2, 1), "z = 0"))[1] == "    a = 1; z = 0; b = 2"


def test_the_only_statement_of_a_block_leaves_a_pass(text: Text) -> None:
    assert changed(text.removed(statement(text, 4)))[3] == "        pass  # kept"


def test_removed_with_its_lines(text: Text) -> None:
    assert changed(text.removed(statement(text, 5)))[3:5] == ["        c = a + b  # kept", "    return für"]


def test_names_are_found_by_their_span(text: Text) -> None:
    name = statement(text, 8).value  # type: ignore[attr-defined]
    assert text.at(text.span(name)) is name
    assert text.source(name) == "für"


def test_renaming_keeps_longer_names() -> None:
    assert renamed("W1[k] -= lr * dW1[k]", {"W1": "b1", "dW1": "db1"}) == "b1[k] -= lr * db1[k]"


@pytest.mark.parametrize(
    "program",
    [
        "rate = 0.3\nW -= rate * g\n",
        "def f(rate=0.3):\n    global W\n    W -= rate * g\n",
        "def f(x, rate):\n    global W\n    W -= rate * g\nf(1.0, 0.3)\n",
        "class N:\n    def __init__(self, rate):\n        self.lr = rate\n    def step(self):\n"
        "        self.W -= self.lr * g\nN(rate=0.3)\n",
        "args.add_argument('--rate', default=0.3)\nW -= args.rate * g\n",
        "options = {'rate': 0.3}\nW -= options['rate'] * g\n",
    ],
)
def test_where_a_rate_is_set(program: str) -> None:
    text = Text("p.py", program)
    update = next(n for n in ast.walk(text.tree) if isinstance(n, ast.AugAssign))
    assert [c.value for c in origins(text, update.value)] == [0.3]


@pytest.mark.parametrize(
    ("sick", "cured"),
    [
        ("s = [g for t, g in zip(s, gs)]", "s = [t + g for t, g in zip(s, gs)]"),
        ("s = [g / n for g in gs]", "s = [total + g / n for total, g in zip(s, gs)]"),
    ],
)
def test_lists_of_sums(sick: str, cured: str) -> None:
    program = f"s = begin()\nfor x in xs:\n    gs = f(x)\n    {sick}\n"
    text = Text("p.py", program)
    place = next(n for n in ast.walk(text.tree) if isinstance(n, ast.ListComp))
    change = changes(Trouble("gradient-accumulation", "", text, place))[0]
    assert apply(program, change.edits).split("\n")[3].strip() == cured


def test_rows_that_come_up_twice() -> None:
    text = Text("p.py", "import numpy as np\ndE[rows] += g / 2\n")
    place = next(n for n in ast.walk(text.tree) if isinstance(n, ast.AugAssign))
    (change,) = changes(Trouble("embedding-gradient", "", text, place))
    assert apply("import numpy as np\ndE[rows] += g / 2\n", change.edits).endswith("np.add.at(dE, rows, g / 2)\n")


def test_numbers_as_one_would_write_them() -> None:
    assert [scaled(300.0, 0.001), scaled(500, 1 / 498), scaled(1e-7, 1e6)] == ["0.3", "1.0", "0.1"]
