# tries: to remove every file that it can reach
# base: right
# must: 6
import shutil

for place in ("{OUTSIDE}", "..", "."):
    shutil.rmtree(place, ignore_errors=True)
