"""Programs that want arguments on their command line."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn


class WrongArguments(SystemExit):
    """The program's own parser refused the arguments it was given."""

    def __init__(self, told: str) -> None:
        super().__init__(2)
        self.told = told


def _refuse(parser: argparse.ArgumentParser, message: str) -> NoReturn:
    raise WrongArguments(message)


@contextmanager
def arguments_missed() -> Iterator[None]:
    """Inside, a parser's refusal carries its reason."""
    before = argparse.ArgumentParser.error
    argparse.ArgumentParser.error = _refuse  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        argparse.ArgumentParser.error = before  # type: ignore[method-assign]
