# tries: nothing evil: its script ends with sys.exit
# base: right
# must: 6
import sys

sys.exit(0)
