"""Folders that a submission had for itself: how much is in them, and away with them.

What stands there was made by a program that may mean harm: folders a thousand deep, without rights, links that
lead elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import secrets

TOO_MUCH = 1 << 62
_FILES = 20_000
_DEPTH = 100


def weight(folder: str) -> int:
    """Return the bytes in a folder; too many files, or folders too deep or closed to us, weigh too much as well."""
    total = count = 0
    waiting = [(folder, 0)]
    while waiting:
        path, depth = waiting.pop()
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    count += 1
                    with contextlib.suppress(FileNotFoundError):
                        total += entry.stat(follow_symlinks=False).st_size
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append((entry.path, depth + 1))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            return TOO_MUCH
        if depth > _DEPTH or count > _FILES:
            return TOO_MUCH
    return total


def remove(root: str) -> None:
    """Remove a folder in which nobody is at work any more.

    What lies deep is moved up before it is opened: neither a path nor a stack grows with the depth.
    """
    if os.path.islink(root) or not os.path.isdir(root):
        return
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        waiting += _emptied(folder, root)
        with contextlib.suppress(OSError):
            os.rmdir(folder)
    with contextlib.suppress(OSError):
        os.rmdir(root)


def _emptied(folder: str, root: str) -> list[str]:
    """Remove the files of a folder and return the places that its folders now have."""
    moved = []
    with contextlib.suppress(OSError):
        os.chmod(folder, 0o700)
        with os.scandir(folder) as found:
            entries = list(found)
        for entry in entries:
            with contextlib.suppress(OSError):
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.path)
                    continue
                os.chmod(entry.path, 0o700)  # who moves a folder writes in it
                place = os.path.join(root, secrets.token_hex(16))
                os.rename(entry.path, place)
                moved.append(place)
    return moved
