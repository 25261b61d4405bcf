"""A rule's page."""

from __future__ import annotations

import doctest
import importlib
import io

import pytest

from bpdoctor.model.rule import Rule
from bpdoctor.report import Options
from bpdoctor.report.explain import HEADINGS, explain, sections
from bpdoctor.rules import all_rules
from tests.report.golden import assert_golden

PROSE = """The weight gradient of ``x @ w`` is written ``g.T @ x``.

What it does
------------
The product is turned round. With a square matrix
the shapes agree.

## Why it is wrong
    dL/dw = xᵀ · dL/dz

- one reason
- another

How it is proved
The rule predicts it.
"""
RULE = Rule("BP203", "transposed-gradient", "gradient of a weight is transposed", "error", PROSE,
            valid=("if x:\n    dW = x.T @ g\n",), invalid=("dW = g.T @ x  # <- transposed-gradient\n",),
            aliases=("transposed",))  # fmt: skip


def page(rule: Rule, **options: object) -> str:
    stream = io.StringIO()
    explain(rule, stream, options=Options(**options))  # type: ignore[arg-type]
    return stream.getvalue()


def test_page() -> None:
    assert_golden("explain.txt", page(RULE))
    assert page(RULE, ascii=True).isascii()


def test_headings_in_any_dress() -> None:
    assert list(sections(PROSE)) == ["", "What it does", "Why it is wrong", "How it is proved"]


@pytest.mark.parametrize("rule", all_rules().values(), ids=lambda rule: rule.slug)
def test_every_rule_has_a_whole_page(rule: Rule) -> None:
    told = page(rule)
    assert all(f"\n{heading}\n" in told for heading in HEADINGS)


@pytest.mark.parametrize("name", ["cells", "wording", "explain"])
def test_the_examples_in_docstrings(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"bpdoctor.report.{name}"))
    assert result.attempted and not result.failed
