# tries: to start other programs
# base: right
# must: 6
import os
import subprocess

for attempt in (
    lambda: os.system("touch {OUTSIDE}/system"),
    lambda: subprocess.run(["touch", "{OUTSIDE}/run"]),
    lambda: os.execv("/bin/touch", ["touch", "{OUTSIDE}/exec"]),
    lambda: os.posix_spawn("/bin/touch", ["touch", "{OUTSIDE}/spawn"], {}),
):
    try:
        attempt()
    except OSError:
        pass
