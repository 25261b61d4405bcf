"""``python -m bpdoctor``."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    # Python looks for modules where it is started first: a `numpy.py` beside the program is none of ours.
    if not sys.flags.safe_path and not os.path.isdir(os.path.join(sys.path[0], "bpdoctor")):
        del sys.path[0]
    from bpdoctor.cli import main

    sys.exit(main())
