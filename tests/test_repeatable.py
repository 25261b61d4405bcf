"""Two checks with one seed say the same, byte for byte, wherever a program takes its randomness from."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from bpdoctor.observe.entropy import seeded

ROOT = Path(__file__).resolve().parents[1]
NET = """\
import os, random, secrets, uuid
import numpy as np
{made}
X = np.array([[draw() for _ in range(3)] for _ in range(8)])
y = np.array([[draw()] for _ in range(8)])
W, b = np.array([[draw()] for _ in range(3)]), np.zeros(1)
for epoch in range(300):
    e = X @ W + b - y
    loss = np.mean(e ** 2)
    W = W - 0.1 * X.T @ (e + 0.1)
    b = b - 0.1 * 2 * e.mean(axis=0)
"""
SOURCES = (
    "draw = np.random.default_rng().normal",
    "draw = np.random.default_rng(None).normal",
    "draw = np.random.RandomState().normal",
    "draw = np.random.Generator(np.random.MT19937()).normal",
    "draw = np.random.default_rng(np.random.SeedSequence()).normal",
    "np.random.seed()\ndraw = np.random.normal",
    "draw = np.random.normal",
    "draw = random.Random().random",
    "random.seed()\ndraw = random.random",
    "draw = random.random",
    "draw = random.SystemRandom().random",
    "draw = lambda: secrets.randbelow(1000) / 1000",
    "draw = lambda: os.urandom(1)[0] / 255",
    "draw = lambda: uuid.uuid4().int % 1000 / 1000",
)


def checked(path: Path, *options: str, hashes: str = "0") -> list[dict[str, object]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": hashes}
    command = [sys.executable, "-m", "bpdoctor", "check", path.name, "--format", "json", *options]
    done = subprocess.run(command, cwd=path.parent, env=environment, capture_output=True, text=True, check=False)
    reports: list[dict[str, object]] = json.loads(done.stdout)
    for report in reports:
        cost = report["cost"]
        assert isinstance(cost, dict)
        del cost["seconds"]
    return reports


@pytest.mark.parametrize("made", SOURCES)
def test_the_same_bytes_twice(made: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(NET.format(made=made), encoding="utf-8")
    first = checked(path, "--no-fix")
    assert first[0]["verdict"] == "sick"
    assert json.dumps(first) == json.dumps(checked(path, "--no-fix", hashes="77"))


def test_fixes_too_are_the_same_and_another_seed_is_another_run(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(NET.format(made=SOURCES[0]), encoding="utf-8")
    first = checked(path)
    assert json.dumps(first) == json.dumps(checked(path, hashes="5"))
    assert first[0]["gradients"] != checked(path, "--no-fix", "--seed", "1")[0]["gradients"]


def test_generators_are_distinct_and_the_system_is_given_back() -> None:
    """Two generators of one program differ; after the program everything is as it was."""

    import numpy as np

    before = (random.seed, random.Random.seed, os.urandom)
    with seeded(3):
        one, two = np.random.default_rng().random(), np.random.default_rng().random()
        three, four = random.Random().random(), random.Random().random()
        assert random.Random(5).random() == random.Random(5).random()
    assert len({one, two, three, four}) == 4
    assert (random.seed, random.Random.seed, os.urandom) == before
    with seeded(3):
        assert np.random.default_rng().random() == one


COPY = """
import os, random
from bpdoctor.observe.entropy import fork

reader, writer = os.pipe()
random.seed(5)
if fork() == 0:
    os.write(writer, random.random().hex().encode())
    os._exit(0)
os.wait()
assert float.fromhex(os.read(reader, 100).decode()) == random.random()
"""


def test_a_copy_of_the_process_draws_as_the_original() -> None:
    """Python seeds its generator anew in every copy; runs from a checkpoint must see the recorded data."""
    assert subprocess.run([sys.executable, "-c", COPY], check=False, timeout=60).returncode == 0
