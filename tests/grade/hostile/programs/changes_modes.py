# tries: to change rights and dates of what it cannot open
# base: right
# must: 6
import os

for name in ("{OUTSIDE}", "{OUTSIDE}/solution.py", "{OUTSIDE}/grades.sqlite"):
    for change in (
        lambda n: os.chmod(n, 0),
        lambda n: os.utime(n, (0, 0)),
        lambda n: os.setxattr(n, "user.points", b"100"),
        lambda n: os.truncate(n, 0),
    ):
        try:
            change(name)
        except OSError:
            pass
