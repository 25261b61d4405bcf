"""What finds modules and loads them itself: the base that `importlib.abc` would give, without what that imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.abc import Loader, MetaPathFinder

    class Finder(MetaPathFinder, Loader):
        """A finder on `sys.meta_path` that is its modules' loader."""

else:

    class Finder:
        """A finder on `sys.meta_path` that is its modules' loader."""
