"""``python -m bpdoctor``."""

from __future__ import annotations

import sys

from bpdoctor.cli import main

if __name__ == "__main__":
    sys.exit(main())
