# tries: to copy from its neighbours
# base: none
# must: 0
import glob
import os

for place in ["..", "../..", "/tmp", "{OUTSIDE}"]:
    for where, _, names in os.walk(place):
        for name in names:
            if name.endswith(".py"):
                try:
                    exec(open(os.path.join(where, name)).read())
                    print("LEAKED", where, name) if "sigmoid" in globals() else None
                except Exception:
                    pass
    for name in glob.glob(f"{place}/*/*.sqlite*"):
        print("LEAKED" if os.access(name, os.R_OK) else "refused")
