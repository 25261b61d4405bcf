"""Loaders that answer, where a file is not there, with what stands for it; what nothing stands for is remembered."""

from __future__ import annotations

import builtins
import importlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np

from bpdoctor.model.record import record
from bpdoctor.model.stub import Stub
from bpdoctor.observe.known import known_bytes
from bpdoctor.observe.synthetic import array, table

Kind = Literal["array", "table", "matrix"]
# With no other options a table is read as it stands, which need not be written first.
_PLAIN = {"delimiter", "skip_header", "skiprows", "dtype"}
_TABLES = (".csv", ".tsv", ".txt", ".data", ".dat")


@record
class Asked:
    """Data that was asked for and nothing stands for: its name, and what would have read it."""

    name: str
    kind: Kind


class Absent:
    """The loaders of one run.

    Parameters
    ----------
    stubs : sequence of Stub
        What stands for files that are not there.
    text : str
        The program: it tells what separates the columns of a table where its reader does not say.
    """

    def __init__(self, stubs: Sequence[Stub], text: str) -> None:
        self.stubs = {stub.name: stub for stub in stubs}
        self.text = text
        self.asked: list[Asked] = []
        self.used: list[str] = []

    def notes(self) -> list[str]:
        """What stood for what."""
        return [self.stubs[name].told() if name in self.stubs else name for name in self.used]

    @contextmanager
    def at_hand(self) -> Iterator[None]:
        """Inside, the loaders answer."""
        places: list[tuple[Any, str, Any]] = [
            (np, "load", self._instead(np.load, self._loaded)),
            (np, "loadtxt", self._instead(np.loadtxt, self._read(np.loadtxt))),
            (np, "genfromtxt", self._instead(np.genfromtxt, self._read(np.genfromtxt))),
            (builtins, "open", self._instead(builtins.open, self._opened)),
        ]
        if "loadmat" in self.text:
            matlab = importlib.import_module("scipy.io")
            places.append((matlab, "loadmat", self._instead(matlab.loadmat, self._matrices)))
        saved = [(owner, name, getattr(owner, name)) for owner, name, _ in places]
        for owner, name, answer in places:
            setattr(owner, name, answer)
        try:
            yield
        finally:
            for owner, name, own in saved:
                setattr(owner, name, own)

    def _instead(self, original: Callable[..., Any], answer: Callable[..., Any]) -> Callable[..., Any]:
        """The original; where it finds no file, the answer, which is None where there is none."""

        def load(file: Any, *args: Any, **options: Any) -> Any:
            try:
                return original(file, *args, **options)
            except FileNotFoundError:
                made = answer(os.fspath(file), *args, **options) if isinstance(file, str | os.PathLike) else None
                if made is None:
                    raise
                return made

        return load

    def _stub(self, name: str, kind: Kind) -> Stub | None:
        if name not in self.stubs:
            self.asked.append(Asked(name, kind))
            return None
        self._use(name)
        return self.stubs[name]

    def _use(self, name: str) -> None:
        if name not in self.used:
            self.used.append(name)

    # ---- loaders

    def _loaded(self, name: str, *args: Any, **options: Any) -> Any:
        if name.endswith(".npz"):
            return Archive(self, name, "array")
        stub = self._stub(name, "array")
        return None if stub is None else array(stub)

    def _matrices(self, name: str, *args: Any, **options: Any) -> Any:
        return Archive(self, name, "matrix")

    def _read(self, reader: Callable[..., Any]) -> Callable[..., Any]:
        def read(name: str, *args: Any, **options: Any) -> Any:
            stub = self._stub(name, "table")
            if stub is None:
                return None
            skipped = options.get("skip_header", options.get("skiprows", 0))
            if not args and options.keys() <= _PLAIN and options.get("dtype", float) is float:
                return array(stub).astype(float)[skipped:]
            return reader(io.StringIO(table(stub, options.get("delimiter") or " ")), *args, **options)

        return read

    def _opened(self, name: str, mode: str = "r", *args: Any, **options: Any) -> Any:
        if not set(mode) <= set("rbtU"):
            return None
        known = known_bytes(name)
        if known is not None:
            self._use(f"`{name}` is not there; {known.told}")
            return io.BytesIO(known.data) if "b" in mode else io.StringIO(known.data.decode())
        if not name.lower().endswith(_TABLES):
            return None
        stub = self._stub(name, "table")
        if stub is None:
            return None
        text = table(stub, self._between())
        return io.BytesIO(text.encode()) if "b" in mode else io.StringIO(text)

    def _between(self) -> str:
        by_comma = "csv" in self.text or "','" in self.text or '","' in self.text
        return "," if by_comma else "\t" if "'\\t'" in self.text or '"\\t"' in self.text else " "


class Archive(dict[str, Any]):
    """A file of several arrays, each made when it is asked for."""

    def __init__(self, absent: Absent, name: str, kind: Kind) -> None:
        super().__init__()
        self.absent, self.name, self.kind = absent, name, kind

    def __missing__(self, key: str) -> Any:
        name = f"{self.name}:{key}"
        stub = self.absent._stub(name, self.kind)
        if stub is None:
            raise FileNotFoundError(2, "No such file or directory", self.name)
        self[key] = array(stub)
        return self[key]

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def close(self) -> None:
        """Nothing is open."""
