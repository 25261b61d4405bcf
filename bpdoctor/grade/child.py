"""Inside the confined child: import the submission, then answer one request after the other.

It holds arguments and results, never an expected value, a rubric or the path of a result. What a submission
can do to this process it does to its own answers only.
"""

from __future__ import annotations

import faulthandler
import io
import os
import random
import signal
import sys
import traceback
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bpdoctor.grade import absent, protocol

CHANNEL, TRACE = 3, 4


class Undefined(Exception):
    """What was asked for is not there."""


MODULE = "submission"
Operations = Mapping[str, Callable[[Any, list[Any]], Any]]


def serve(entry: str, seed: int) -> None:
    """Answer about `entry`, a file of the current directory, until the channel closes."""
    prepare(seed)
    namespace = types.ModuleType(MODULE)
    namespace.__file__ = os.path.abspath(entry)
    sys.modules[MODULE] = sys.modules[os.path.splitext(entry)[0]] = namespace
    answer(_operations(namespace, {}))


def answer(operations: Operations) -> None:
    """Answer one request after the other."""
    while (request := _read()) is not None:
        header, arrays = request
        reply: dict[str, Any] = {"nonce": header["nonce"]}
        out: list[protocol.Array] = []
        try:
            reply["value"] = protocol.tree(operations[header["op"]](header, arrays), out)
        except BaseException as raised:
            out, reply["error"] = [], _told(raised)
        frame = protocol.pack(reply, out)
        if not protocol.fits(frame):
            large = OverflowError("more was returned than can be carried")
            frame = protocol.pack({"nonce": header["nonce"], "error": _told(large)})
        _write(frame)


def prepare(seed: int) -> None:
    """Give the program the streams, the path and the seed that it expects."""
    sys.path.insert(0, os.getcwd())
    sys.argv = [MODULE]
    sys.stdin = io.StringIO()
    sys.stdout = open(1, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)  # noqa: SIM115
    sys.dont_write_bytecode = True
    absent.install()
    random.seed(seed)
    np.random.seed(seed % 2**32)
    # A C handler: it names the line even inside a call that never comes back to Python.
    faulthandler.register(signal.SIGUSR1, file=TRACE, all_threads=False)


def _operations(module: types.ModuleType, kept: dict[str, Any]) -> Operations:
    def load(header: Any, arrays: list[Any]) -> Any:
        path = str(module.__file__)
        with open(path, "rb") as stream:
            code = compile(stream.read(), path, "exec", dont_inherit=True)
        exec(code, module.__dict__)

    def has(header: Any, arrays: list[Any]) -> Any:
        return [callable(_found(module, name)) for name in header["names"]]

    def target(header: Any) -> Any:
        return _found(kept[header["of"]] if header.get("of") else module, header["name"])

    def call(header: Any, arrays: list[Any]) -> Any:
        given = [_argument(a, arrays, kept) for a in header["args"]]
        kept["arguments"] = given
        function = target(header)
        if not callable(function):
            raise Undefined(f"`{header['name']}` is not defined")
        result = function(*given)
        kept[header.get("keep") or "result"] = result
        return result

    def get(header: Any, arrays: list[Any]) -> Any:
        return target(header) if header.get("name") else kept[header["of"]]

    def put(header: Any, arrays: list[Any]) -> Any:
        setattr(kept[header["of"]], header["name"], _argument(header["args"][0], arrays, kept))

    def borrow(header: Any, arrays: list[Any]) -> Any:
        for name in header["names"]:
            setattr(module, name, _borrowed(name))

    return {"borrow": borrow, "load": load, "has": has, "call": call, "get": get, "put": put}


def _borrowed(name: str) -> Callable[..., Any]:
    """Return a function that runs in another program; what it keeps to itself is passed on as a reference."""

    def ask(*given: Any) -> Any:
        out: list[protocol.Array] = []
        _write(protocol.pack({"borrow": name, "args": protocol.tree(given, out)}, out))
        reply = _read()
        if reply is None:
            raise EOFError
        return protocol.value(reply[0]["value"], [a.copy() for a in reply[1]])

    return ask


def _found(owner: Any, name: str) -> Any:
    for part in name.split("."):
        owner = getattr(owner, part, None)
    return owner


def _argument(written: Any, arrays: list[Any], kept: dict[str, Any]) -> Any:
    """Arguments are copies that the submission owns; a reference means an object that it returned."""
    kind, content = next(iter(written.items()))
    if kind == "r":
        found = kept[content[0]]
        for step in content[1:]:
            found = found[step]
        return found
    if kind == "a":
        return arrays[content].copy()
    if kind in ("t", "l"):
        return (tuple if kind == "t" else list)(_argument(v, arrays, kept) for v in content)
    if kind == "d":
        return {k: _argument(v, arrays, kept) for k, v in content}
    return protocol.value(written, arrays)


def _told(raised: BaseException) -> dict[str, Any]:
    """What was raised, and the last line of the submission that was running."""
    line, function = 0, ""
    here = os.getcwd()
    try:
        for frame in traceback.extract_tb(raised.__traceback__):
            if frame.filename.startswith(here):
                line, function = frame.lineno or 0, frame.name
        if isinstance(raised, SyntaxError):
            line = raised.lineno or 0
        text = str(raised)[:400]
    except BaseException:
        text = ""
    return {"type": type(raised).__name__[:80], "text": text, "line": int(line), "function": function[:80]}


def _read() -> tuple[dict[str, Any], list[Any]] | None:
    head = _exactly(protocol.HEAD.size)
    if not head:
        return None
    header, body = protocol.sizes(head)
    return protocol.unpack(_exactly(header), _exactly(body))


def _exactly(size: int) -> bytes:
    parts = []
    while size:
        part = os.read(CHANNEL, min(size, 1 << 20))
        if not part:
            return b""
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(CHANNEL, view) :]
