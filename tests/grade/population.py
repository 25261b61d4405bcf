"""A class of generated submissions whose scores are known beforehand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COURSE = Path(__file__).parent / "course"
ASSIGNMENT = COURSE / "class.toml"
REFERENCE = (COURSE / "reference.py").read_text(encoding="utf-8")
STARTER = (COURSE / "starter.py").read_text(encoding="utf-8")
MOST = 16.0


@dataclass(frozen=True, slots=True)
class Student:
    """One generated submission."""

    name: str
    kind: str
    source: str
    score: float


# What is replaced in the reference, by what, and the score that is left.
WRONG = {
    "sign of dx": ("return dout @ W.T,", "return -dout @ W.T,", 15.0),
    "averaged bias": ("dout.sum(axis=0)", "dout.mean(axis=0)", 15.5),
    "slope of sigmoid": ("return a * (1 - a)", "return 1 - a", 14.5),
    "mse without its 2": ("return 2 * (prediction", "return (prediction", 15.25),
    "negative loss": ("return loss, {", "return -loss, {", 14.5),
    "no gradient for W1": ('{"W1": dW1,', '{"W1": 0 * dW1,', 14.875),
    "bias overwritten": (
        "    return x @ W + b, (x, W)",
        "    out = x @ W + b\n    b[:] = 0\n    return out, (x, W)",
        15.3334,
    ),
    "mse_slope raises": ("    return 2 * (prediction", "    raise ValueError\n    return 2 * (prediction", 14.5),
    "steeper sigmoid": ("np.exp(-z)", "np.exp(-3 * z)", 14.0),
    "softer names": ("delta = mse_slope", "error = delta = mse_slope", 16.0),
    "stops at its end": ("\ndef train(", "\nraise SystemExit(1)\n\ndef train(", 16.0),
}
HOSTILE = {
    "loop in sigmoid": (
        REFERENCE.replace("    return 1 / (1", "    while True:\n        pass\n    return 1 / (1"),
        14.0,
    ),
    "loop at import": ("while True:\n    pass\n", 0.0),
    "exit": ("import os\n\nos._exit(0)\n", 0.0),
    "fork bomb": ("import os\n\nwhile True:\n    os.fork()\n", 0.0),
    "memory": ("hoard = []\nwhile True:\n    hoard.append(bytearray(10**8))\n", 0.0),
    "flood": (f"{REFERENCE}\nprint('x' * 10**6)\n", 16.0),
    "segfault": ("import ctypes\n\nctypes.string_at(0)\n", 0.0),
    "fake frames": ("import os\n\nos.write(3, b'bpd1' * 1000)\n", 0.0),
    "no syntax": ("def sigmoid(z:\n", 0.0),
    "starter": (STARTER, 0.0),
    "nothing": ("", 0.0),
}


def students(count: int, seed: int = 0, hostile: float = 0.1) -> Iterator[Student]:
    """Yield submissions, no two alike: about half are right, a share is hostile or broken, the rest wrong."""
    rng = random.Random(seed)
    for number in range(count):
        name = f"student-{number:04d}"
        note = f"# handed in by number {number}\n"
        if rng.random() < hostile:
            kind = rng.choice(sorted(HOSTILE))
            source, score = HOSTILE[kind]
        elif rng.random() < 0.5:
            kind, source, score = "right", REFERENCE, MOST
        else:
            kind = rng.choice(sorted(WRONG))
            old, new, score = WRONG[kind]
            assert old in REFERENCE
            source = REFERENCE.replace(old, new)
        yield Student(name, kind, source + note, score)


def write(folder: Path, count: int, seed: int = 0, hostile: float = 0.1) -> dict[str, Student]:
    """Write a class into a folder; return it by name."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {s.name: s for s in students(count, seed, hostile)}
    for student in found.values():
        (folder / f"{student.name}.py").write_text(student.source, encoding="utf-8")
    return found
