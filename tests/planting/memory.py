"""Remember between runs which mutants are valid: running each of them takes longer than everything else."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path

FOLDER = Path(os.environ.get("PLANTING_CACHE", Path(tempfile.gettempdir()) / f"bpdoctor-planting-{os.getuid()}"))


def digest(*texts: str) -> str:
    """A key for a mutant: everything its validity depends on."""
    return hashlib.sha1("\0".join(texts).encode()).hexdigest()


class Memory:
    """The verdicts about one network's mutants, by digest."""

    def __init__(self, network: str) -> None:
        self.path = FOLDER / f"{network}.json"
        try:
            self.verdicts: dict[str, str] = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.verdicts = {}

    def save(self) -> None:
        """Write the verdicts; losing them costs only time."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        new = self.path.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps(self.verdicts, ensure_ascii=False), encoding="utf-8")
        new.replace(self.path)
