# tries: to run the reference solution instead of its own
# base: none
# must: 0
import glob

for place in ["{RUBRIC}/reference.py", "../reference.py", "../work/reference.py", *glob.glob("/tmp/*/*/reference.py")]:
    try:
        with open(place) as stream:
            exec(stream.read())
    except OSError:
        pass
