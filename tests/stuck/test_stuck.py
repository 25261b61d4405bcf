"""Networks that are stuck for different causes are told apart: the right cause comes first, at its line."""

import pytest

from tests.stuck.told import FOLDER, told

NETWORKS = sorted(FOLDER.glob("*.py"))


@pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
def test_cause(path):
    row = told(path, fix=False)
    assert row.said == row.cause, row
    assert not row.others, row


def test_every_cause_is_another():
    assert len({told(path, fix=False).cause[0] for path in NETWORKS}) == len(NETWORKS) >= 10
